"""Structures of certificates, signed messages, timestamps and seals."""
