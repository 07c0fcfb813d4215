"""What is published of status lists: whole lists, deltas, the frozen list of each day."""
