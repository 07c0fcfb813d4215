"""Path validation by libcrypto, with the signer ID set on every certificate.

The command line sets the ID on the leaf only, so it cannot judge three levels; the library
can. Called through ctypes, nothing of ours in between.
"""

import ctypes
import ctypes.util

SIGNER_ID = b"1234567812345678"
FLAGS = 0x80000 | 0x80  # a partial chain is enough; policies are judged


def _load():
    name = ctypes.util.find_library("crypto")
    library = ctypes.CDLL(name) if name else None
    if library is None or not hasattr(library, "X509_set0_distinguishing_id"):
        return None
    pointer = ctypes.c_void_p
    for function, *arguments in (
        ("d2i_X509", pointer, ctypes.POINTER(ctypes.c_char_p), ctypes.c_long),
        ("ASN1_OCTET_STRING_new",),
        ("X509_STORE_new",),
        ("X509_STORE_CTX_new",),
        ("OPENSSL_sk_new_null",),
        ("OBJ_txt2obj", ctypes.c_char_p, ctypes.c_int),
        ("X509_STORE_CTX_get0_param", pointer),
    ):
        getattr(library, function).restype = pointer
        getattr(library, function).argtypes = arguments
    for function, *arguments in (
        ("ASN1_OCTET_STRING_set", pointer, ctypes.c_char_p, ctypes.c_int),
        ("X509_set0_distinguishing_id", pointer, pointer),
        ("X509_STORE_add_cert", pointer, pointer),
        ("X509_STORE_CTX_init", pointer, pointer, pointer, pointer),
        ("OPENSSL_sk_push", pointer, pointer),
        ("OPENSSL_sk_free", pointer),
        ("X509_VERIFY_PARAM_set_time", pointer, ctypes.c_int64),
        ("X509_VERIFY_PARAM_set_flags", pointer, ctypes.c_ulong),
        ("X509_VERIFY_PARAM_add0_policy", pointer, pointer),
        ("X509_verify_cert", pointer),
        ("X509_STORE_CTX_get_error", pointer),
        ("X509_STORE_CTX_free", pointer),
        ("X509_STORE_free", pointer),
        ("X509_free", pointer),
    ):
        getattr(library, function).argtypes = arguments
    return library


LIBRARY = _load()


def _certificate(der):
    data = ctypes.c_char_p(der)
    certificate = LIBRARY.d2i_X509(None, ctypes.byref(data), len(der))
    if not certificate:
        raise ValueError("libcrypto cannot read this certificate")
    identifier = LIBRARY.ASN1_OCTET_STRING_new()
    LIBRARY.ASN1_OCTET_STRING_set(identifier, SIGNER_ID, len(SIGNER_ID))
    LIBRARY.X509_set0_distinguishing_id(certificate, identifier)  # takes it over
    return certificate


def path_error(leaf, *, intermediates, anchors, at):
    """Return libcrypto's error number for the path; 0 when it is good."""
    store, context = LIBRARY.X509_STORE_new(), LIBRARY.X509_STORE_CTX_new()
    pool, kept = LIBRARY.OPENSSL_sk_new_null(), []
    try:
        for der in (leaf, *anchors, *intermediates):
            kept.append(_certificate(der))
        for anchor in kept[1 : 1 + len(anchors)]:
            LIBRARY.X509_STORE_add_cert(store, anchor)
        for other in kept[1 + len(anchors) :]:
            LIBRARY.OPENSSL_sk_push(pool, other)
        LIBRARY.X509_STORE_CTX_init(context, store, kept[0], pool)
        parameters = LIBRARY.X509_STORE_CTX_get0_param(context)
        LIBRARY.X509_VERIFY_PARAM_set_time(parameters, int(at.timestamp()))
        LIBRARY.X509_VERIFY_PARAM_set_flags(parameters, FLAGS)
        # Without it libcrypto wants a policy and accepts none (RFC 5280, 6.1.1 c: any-policy).
        any_policy = LIBRARY.OBJ_txt2obj(b"2.5.29.32.0", 1)
        LIBRARY.X509_VERIFY_PARAM_add0_policy(parameters, any_policy)  # takes it over
        if LIBRARY.X509_verify_cert(context) == 1:
            return 0
        return LIBRARY.X509_STORE_CTX_get_error(context)
    finally:
        LIBRARY.X509_STORE_CTX_free(context)
        LIBRARY.X509_STORE_free(store)
        LIBRARY.OPENSSL_sk_free(pool)
        for certificate in kept:
            LIBRARY.X509_free(certificate)
