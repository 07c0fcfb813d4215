"""Recognising the licences of other regions, and letting them recognise ours."""
