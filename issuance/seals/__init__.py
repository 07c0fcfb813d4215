"""Electronic seals (电子印章): making, filing and using the seals of issuers (制发、备案、用印)."""
