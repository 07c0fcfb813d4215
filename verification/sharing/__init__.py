"""Sharing with existing systems (GB/T 36906): search, retrieve, download, verify, use codes."""
