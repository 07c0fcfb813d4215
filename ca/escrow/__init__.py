"""Escrow (密钥托管): encryption keys that the authority makes, keeps sealed and can recover."""
