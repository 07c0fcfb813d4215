"""The licence as a code (二维码): a signed credential small enough to print."""
