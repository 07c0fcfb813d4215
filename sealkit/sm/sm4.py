"""SM4-GCM, the authenticated encryption that personal data rest under; ECB for key envelopes."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sealkit.errors import InvalidKeyError, MalformedError

KEY_BYTES = 16
BLOCK_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16


def seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Return nonce‖ciphertext‖tag of `plaintext` bound to `associated`.

    `nonce` is 12 bytes and must never repeat under one key; the caller draws it.
    """
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise InvalidKeyError("SM4-GCM wants a 16-byte key and a 12-byte nonce")
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    ciphertext = encryptor.update(plaintext) + encryptor.finalize()
    return nonce + ciphertext + encryptor.tag


def unseal(key: bytes, box: bytes, associated: bytes) -> bytes:
    """Return the plaintext of a box made by `seal`.

    Raises:
        MalformedError: if the box was cut, changed, or bound to something else.
    """
    if len(box) < NONCE_BYTES + TAG_BYTES:
        raise MalformedError("sealed box is too short")
    nonce, body, tag = box[:NONCE_BYTES], box[NONCE_BYTES:-TAG_BYTES], box[-TAG_BYTES:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(associated)
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as error:
        raise MalformedError("sealed box was changed or belongs elsewhere") from error


def encrypt_blocks(key: bytes, blocks: bytes) -> bytes:
    """Return whole blocks under SM4-ECB: for random keys in envelopes, never for data.

    Equal blocks stay equal, and nothing tells whether they were changed.
    """
    encryptor = Cipher(_block_algorithm(key, blocks), modes.ECB()).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


def decrypt_blocks(key: bytes, blocks: bytes) -> bytes:
    """Return what `encrypt_blocks` was given."""
    decryptor = Cipher(_block_algorithm(key, blocks), modes.ECB()).decryptor()
    return decryptor.update(blocks) + decryptor.finalize()


def _block_algorithm(key: bytes, blocks: bytes) -> algorithms.SM4:
    if len(key) != KEY_BYTES or len(blocks) % BLOCK_BYTES:
        raise InvalidKeyError("SM4-ECB wants a 16-byte key and whole blocks")
    return algorithms.SM4(key)
