"""The floor: pure functions over bytes and values. No files, no network, no clock."""
