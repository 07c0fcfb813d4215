"""Shares of a secret (密钥分片): any k of n open it, k - 1 tell nothing (SLIP-39).

The computation is `shamir_mnemonic`'s; each share is a line of English words with a checksum.
The identifier and a fingerprint of each share lie with the keystore, so that a wrong share
is named before anything is tried: which one it is, and what is wrong with it.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import shamir_mnemonic
from shamir_mnemonic import MnemonicError, Share

from ca.errors import ShareError
from ca.keystores.secret import Secret
from sealkit.sm import sm3

SECRET_BYTES: Final = 32
MAX_SHARES: Final = 16  # SLIP-39 has four bits for it
MAX_WORDS_CHARACTERS: Final = 1024
_FINGERPRINT_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class ShareSet:
    """What is known of a set of shares without them."""

    threshold: int
    identifier: int
    """15 random bits, the same in every share of the set."""
    fingerprints: tuple[str, ...]
    """Hexadecimal SM3 of each share, cut short; of 256 random bits it tells nothing."""

    @property
    def count(self) -> int:
        """How many shares there are."""
        return len(self.fingerprints)


@dataclass(frozen=True, slots=True)
class SplitSecret:
    """A fresh random secret and its shares."""

    passphrase: Secret
    """The secret as 64 hexadecimal digits: what the keystore is sealed under."""
    shares: tuple[str, ...]
    known: ShareSet

    def __repr__(self) -> str:
        return f"<{self.known.count} shares>"


def split(threshold: int, count: int) -> SplitSecret:
    """Draw a secret and split it so that `threshold` of `count` shares open it.

    Raises:
        ShareError: unless 2 <= threshold <= count <= 16.
    """
    if not 2 <= threshold <= count <= MAX_SHARES:
        raise ShareError(
            f"at least 2 and at most {MAX_SHARES} shares, and no more needed than made"
        )
    with Secret(bytearray(secrets.token_bytes(SECRET_BYTES))) as master, master.opened() as octets:
        # The secret is random, so stretching it (the exponent) would add nothing.
        words = shamir_mnemonic.generate_mnemonics(
            1, [(threshold, count)], bytes(octets), iteration_exponent=0
        )[0]
        passphrase = Secret(bytearray(octets.hex().encode("ascii")))
    read = [Share.from_mnemonic(line) for line in words]
    known = ShareSet(threshold, read[0].identifier, tuple(map(_fingerprint, read)))
    return SplitSecret(passphrase, tuple(words), known)


def combine(lines: Sequence[str], known: ShareSet) -> Secret:
    """Return the secret of a set of shares, as 64 hexadecimal digits.

    More shares than needed are looked at too, so that a wrong one among them is found.

    Raises:
        ShareError: naming the share by its place among `lines`, never by its words; or saying
            how many are missing.
    """
    found: dict[int, int] = {}
    for place, line in enumerate(lines, start=1):
        index = _checked(place, line, known)
        if index in found:
            raise ShareError(f"shares {found[index]} and {place} given are one and the same")
        found[index] = place
    if len(found) < known.threshold:
        raise ShareError(f"{len(found)} shares were given, {known.threshold} are needed")
    try:
        recovered = shamir_mnemonic.combine_mnemonics(lines[: known.threshold])
    except MnemonicError:
        # Without its cause, whose words begin like a share.
        raise ShareError("the shares do not belong together") from None
    with Secret(bytearray(recovered)) as master, master.opened() as octets:
        return Secret(bytearray(octets.hex().encode("ascii")))


def _checked(place: int, line: str, known: ShareSet) -> int:
    if len(line) > MAX_WORDS_CHARACTERS:
        raise ShareError(f"share {place} given is too long")
    try:
        share = Share.from_mnemonic(line)
    except MnemonicError:
        raise ShareError(f"share {place} given has a wrong or missing word") from None
    if share.identifier != known.identifier:
        raise ShareError(f"share {place} given is of another set")
    if share.index >= known.count or not hmac.compare_digest(
        _fingerprint(share), known.fingerprints[share.index]
    ):
        raise ShareError(f"share {place} given is not share {share.index + 1} of this set")
    return int(share.index)


def _fingerprint(share: Share) -> str:
    return sm3.digest(share.mnemonic().encode("ascii"))[:_FINGERPRINT_BYTES].hex()
