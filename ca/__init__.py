"""A small, real certificate authority: keys, certificates, revocation, timestamps and the log."""
