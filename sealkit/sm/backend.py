"""libcrypto 3 reached through ctypes: SM2 on a digest, SM2 encryption, and nothing else.

Rules:
1. Only the already computed e = SM3(Z‖M) crosses this border, because OpenSSL 3.0
   takes an unset signer ID for an empty one.
2. Callers have checked key ranges, curve membership and r, s ranges before.
3. ctypes releases the interpreter lock during a call, so threads scale.
4. Signing is refused on a library or processor that nobody looked at (`SIGNING_LIBRARIES`).
"""

import ctypes
import platform
from functools import lru_cache
from typing import Any, Final

from sealkit.errors import InvalidKeyError, SealkitError, UnsupportedError
from sealkit.sm import curve

_SPKI_PREFIX: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
_SEC1_HEAD: Final = bytes.fromhex("30770201010420")
_SEC1_CURVE: Final = bytes.fromhex("a00a06082a811ccf5501822da144034200")
_NID_SM2: Final = 1172
_MAX_DER_SIGNATURE: Final = 72
_MAX_CIPHER_FRAME: Final = 128  # two coordinates, a hash, and headers of up to 64 KiB
_LIBRARY: Final = "libcrypto.so.3"

SIGNING_LIBRARIES: Final[dict[tuple[int, int], dict[str, int]]] = {
    # (major, minor) → processor → lowest patch. CVE-2025-9231 (a timing leak of SM2 on
    # 64-bit ARM) came with 3.1 and was mended in the patches named.
    (3, 0): {"x86_64": 0, "aarch64": 0},
    (3, 2): {"x86_64": 0, "aarch64": 6},
    (3, 3): {"x86_64": 0, "aarch64": 5},
    (3, 4): {"x86_64": 0, "aarch64": 3},
    (3, 5): {"x86_64": 0, "aarch64": 4},
}


class BackendError(SealkitError):
    """libcrypto failed where it has no reason to."""

    code = "backend"


def _load() -> Any:
    library = ctypes.CDLL(_LIBRARY)
    pointer, size, string = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "OpenSSL_version_num": (ctypes.c_ulong, []),
        "d2i_PUBKEY": (pointer, [pointer, ctypes.POINTER(string), ctypes.c_long]),
        "d2i_AutoPrivateKey": (pointer, [pointer, ctypes.POINTER(string), ctypes.c_long]),
        "EVP_PKEY_free": (None, [pointer]),
        "EVP_PKEY_CTX_new": (pointer, [pointer, pointer]),
        "EVP_PKEY_CTX_free": (None, [pointer]),
        "EVP_PKEY_sign_init": (ctypes.c_int, [pointer]),
        "EVP_PKEY_sign": (
            ctypes.c_int,
            [pointer, string, ctypes.POINTER(size), string, size],
        ),
        "EVP_PKEY_verify_init": (ctypes.c_int, [pointer]),
        "EVP_PKEY_verify": (ctypes.c_int, [pointer, string, size, string, size]),
        "EVP_PKEY_encrypt_init": (ctypes.c_int, [pointer]),
        "EVP_PKEY_encrypt": (
            ctypes.c_int,
            [pointer, string, ctypes.POINTER(size), string, size],
        ),
        "EVP_PKEY_decrypt_init": (ctypes.c_int, [pointer]),
        "EVP_PKEY_decrypt": (
            ctypes.c_int,
            [pointer, string, ctypes.POINTER(size), string, size],
        ),
        "ERR_clear_error": (None, []),
        "EC_GROUP_new_by_curve_name": (pointer, [ctypes.c_int]),
        "EC_POINT_new": (pointer, [pointer]),
        "EC_POINT_free": (None, [pointer]),
        "EC_POINT_mul": (ctypes.c_int, [pointer] * 6),
        "EC_POINT_point2oct": (
            size,
            [pointer, pointer, ctypes.c_int, string, size, pointer],
        ),
        "BN_bin2bn": (pointer, [string, ctypes.c_int, pointer]),
        "BN_clear_free": (None, [pointer]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_lib = _load()
_group = _lib.EC_GROUP_new_by_curve_name(_NID_SM2)


def library_version() -> tuple[int, int, int]:
    """Return (major, minor, patch) of the loaded libcrypto."""
    number = _lib.OpenSSL_version_num()
    return number >> 28 & 0xF, number >> 20 & 0xFF, number >> 4 & 0xFF


def require_signing_library() -> None:
    """Refuse to sign with a libcrypto or processor that is not in `SIGNING_LIBRARIES`.

    Raises:
        UnsupportedError: naming the version and the processor found.
    """
    major, minor, patch = library_version()
    machine = platform.machine()
    lowest = SIGNING_LIBRARIES.get((major, minor), {}).get(machine)
    if lowest is None or patch < lowest:
        raise UnsupportedError(
            f"SM2 signing is not cleared for libcrypto {major}.{minor}.{patch} on {machine}"
        )


class Key:
    """A key held by libcrypto; freed with this object."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def __del__(self, free: Any = _lib.EVP_PKEY_free) -> None:
        # A default is still there when the interpreter ends and module names are gone.
        free(self._handle)

    def sign(self, digest: bytes) -> bytes:
        """Return the DER signature over the 32-byte e, with a fresh random k."""
        context = _lib.EVP_PKEY_CTX_new(self._handle, None)
        try:
            signature = ctypes.create_string_buffer(_MAX_DER_SIGNATURE)
            length = ctypes.c_size_t(_MAX_DER_SIGNATURE)
            done = _lib.EVP_PKEY_sign_init(context) == 1 and (
                _lib.EVP_PKEY_sign(context, signature, ctypes.byref(length), digest, len(digest))
                == 1
            )
        finally:
            _lib.EVP_PKEY_CTX_free(context)
        if not done:
            _lib.ERR_clear_error()
            raise BackendError("libcrypto would not sign")
        return signature.raw[: length.value]

    def verify(self, digest: bytes, signature: bytes) -> bool:
        """Tell whether the DER `signature` holds over the 32-byte e."""
        context = _lib.EVP_PKEY_CTX_new(self._handle, None)
        try:
            holds = bool(
                _lib.EVP_PKEY_verify_init(context) == 1
                and _lib.EVP_PKEY_verify(context, signature, len(signature), digest, len(digest))
                == 1
            )
        finally:
            _lib.EVP_PKEY_CTX_free(context)
        if not holds:
            # A leftover error in this thread's queue would surface in somebody else's call.
            _lib.ERR_clear_error()
        return holds

    def encrypt(self, message: bytes) -> bytes:
        """Return the DER SM2Cipher of `message`, its hash SM3."""
        room = len(message) + _MAX_CIPHER_FRAME
        made = self._transform("encrypt", message, room)
        if made is None:
            raise BackendError("libcrypto would not encrypt")
        return made

    def decrypt(self, cipher: bytes) -> bytes | None:
        """Return the message of a DER SM2Cipher, or None if it does not open."""
        return self._transform("decrypt", cipher, len(cipher))

    def _transform(self, way: str, content: bytes, room: int) -> bytes | None:
        context = _lib.EVP_PKEY_CTX_new(self._handle, None)
        buffer = ctypes.create_string_buffer(room)
        length = ctypes.c_size_t(room)
        try:
            begin, perform = (getattr(_lib, f"EVP_PKEY_{way}{part}") for part in ("_init", ""))
            done = begin(context) == 1 and (
                perform(context, buffer, ctypes.byref(length), content, len(content)) == 1
            )
            return buffer.raw[: length.value] if done else None
        finally:
            # What was decrypted does not stay in memory that is freed.
            ctypes.memset(buffer, 0, room)
            _lib.EVP_PKEY_CTX_free(context)
            _lib.ERR_clear_error()


@lru_cache(maxsize=1024)  # about 2 KB each
def load_public(point: bytes) -> Key:
    """Return the key for a 65-byte point that is known to lie on the curve.

    Kept: OpenSSL 3 decodes a key as slowly as it verifies a signature, and a few issuers
    sign nearly everything. A key may be used by several threads at once.
    """
    return _decode(_lib.d2i_PUBKEY, _SPKI_PREFIX + point)


def load_private(scalar: bytes, point: bytes) -> Key:
    """Return the key pair of a 32-byte scalar and its 65-byte point."""
    require_signing_library()
    return _decode(_lib.d2i_AutoPrivateKey, _SEC1_HEAD + scalar + _SEC1_CURVE + point)


def multiply_generator(scalar: bytes) -> bytes:
    """Return the 65-byte point scalar·G, in constant time."""
    number = _lib.BN_bin2bn(scalar, len(scalar), None)
    product = _lib.EC_POINT_new(_group)
    try:
        encoded = ctypes.create_string_buffer(curve.POINT_BYTES)
        if _lib.EC_POINT_mul(_group, product, number, None, None, None) != 1:
            raise BackendError("libcrypto would not multiply")
        # 4 = POINT_CONVERSION_UNCOMPRESSED
        _lib.EC_POINT_point2oct(_group, product, 4, encoded, curve.POINT_BYTES, None)
        return encoded.raw
    finally:
        _lib.EC_POINT_free(product)
        _lib.BN_clear_free(number)


def _decode(decoder: Any, der: bytes) -> Key:
    handle = decoder(None, ctypes.byref(ctypes.c_char_p(der)), len(der))
    if not handle:
        _lib.ERR_clear_error()
        raise InvalidKeyError("libcrypto refuses the key")
    return Key(handle)
