"""Annotated copies of licences (加注件): made by the holder for one use, and no licences."""
