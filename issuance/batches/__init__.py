"""Batches (批量制证): many applications in one file, checked, reviewed and minted in chunks."""
