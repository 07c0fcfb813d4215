"""The rules of verification, one function each: they read, yield findings, touch nothing."""
