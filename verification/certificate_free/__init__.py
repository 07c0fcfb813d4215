"""Certificate-free checks (免证办): an answer and a receipt instead of a copy of a licence."""
