"""What the authority answers about revocation: partitioned lists with deltas, and OCSP.

Everything is signed in advance where it can be and served as it stands; a revocation counts
in OCSP from the transaction that records it, and in the lists from their next build.
"""
