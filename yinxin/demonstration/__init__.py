"""Demonstration: accounts, a story told through the API, and the copies it tampers with."""
