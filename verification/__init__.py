"""Deciding whether a licence can be relied on, and answering for it."""
