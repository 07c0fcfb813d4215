"""SM2, SM3 and SM4: the national algorithms, behind few names."""
