"""The life of a licence, from application to correction."""
