"""The rooms that private keys live in, one module each; `ca.keystore` says what they share."""
