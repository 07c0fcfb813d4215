"""Personal data at rest: SM4-GCM, one fresh data key for each value.

A box is key id ‖ wrapped data key ‖ sealed value. The data key is wrapped by the master
key, so that the master key can be rotated by re-wrapping without touching the values.
Every part is bound to its context (table, column, row), so a box moved to another row
does not open. Look-ups by equality use a blind index, never the value.
"""

import secrets
from pathlib import Path

from sealkit.errors import MalformedError
from sealkit.sm import sm3, sm4

_KEY_ID_BYTES = 4
_WRAPPED_BYTES = sm4.NONCE_BYTES + sm4.KEY_BYTES + sm4.TAG_BYTES
_INDEX_BYTES = 16


class Vault:
    """Encrypts values under a master key that never leaves this object."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != sm4.KEY_BYTES:
            raise MalformedError("the vault key has 16 bytes")
        self._master = sm3.hmac(secret, b"yinxin vault master")[: sm4.KEY_BYTES]
        self._index_key = sm3.hmac(secret, b"yinxin vault blind index")
        self._key_id = sm3.hmac(secret, b"yinxin vault key id")[:_KEY_ID_BYTES]

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Return a box holding `plaintext` that opens only under the same `context`."""
        data_key = secrets.token_bytes(sm4.KEY_BYTES)
        bound = context.encode()
        wrapped = sm4.seal(self._master, secrets.token_bytes(sm4.NONCE_BYTES), data_key, bound)
        value = sm4.seal(data_key, secrets.token_bytes(sm4.NONCE_BYTES), plaintext, bound)
        return self._key_id + wrapped + value

    def unseal(self, box: bytes, context: str) -> bytes:
        """Return what `seal` was given.

        Raises:
            MalformedError: if the box was changed, moved, or made under another key.
        """
        if box[:_KEY_ID_BYTES] != self._key_id:
            raise MalformedError("sealed under a key that this vault does not hold")
        bound = context.encode()
        end = _KEY_ID_BYTES + _WRAPPED_BYTES
        data_key = sm4.unseal(self._master, box[_KEY_ID_BYTES:end], bound)
        return sm4.unseal(data_key, box[end:], bound)

    def blind_index(self, text: str) -> bytes:
        """Return 16 bytes equal for equal `text`, useless without the index key."""
        return sm3.hmac(self._index_key, text.encode())[:_INDEX_BYTES]


def load_vault(key_file: Path) -> Vault:
    """Open the vault whose key `key_file` holds as 32 hexadecimal digits.

    Raises:
        MalformedError: if the file holds anything else.
    """
    try:
        return Vault(bytes.fromhex(key_file.read_text("ascii").strip()))
    except (ValueError, UnicodeDecodeError) as error:
        raise MalformedError(f"{key_file.name} does not hold 32 hexadecimal digits") from error


def make_development_key(key_file: Path) -> None:
    """Write a random vault key for a development service, readable by its owner only."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    key_file.touch(mode=0o600, exist_ok=False)
    key_file.write_text(secrets.token_hex(sm4.KEY_BYTES), "ascii")
