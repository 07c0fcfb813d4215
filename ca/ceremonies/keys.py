"""The keys of a ceremony: made, sealed for their holders, and opened again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from ca.authority import PreparedCertificate, issue, new_serial, prepare
from ca.ceremonies.ports import Room
from ca.errors import CeremonyMaterialError
from ca.keystores import sealing, shares
from ca.keystores.pkcs8 import signer_of
from ca.keystores.purposes import chosen
from ca.keystores.sealed_file import parse_sealed
from ca.keystores.secret import Secret
from ca.keystores.signers import SM2Signer
from ca.profiles import PROFILES
from sealkit import oids
from sealkit.asn1 import encode
from sealkit.asn1.x509 import Certificate
from sealkit.signer import SM2_SM3, Signer
from sealkit.sm.sm2 import SM2PrivateKey

CEREMONY_KEY_LIFE: Final = timedelta(days=1)
_PKCS8_ALGORITHM: Final = (oids.EC_PUBLIC_KEY, oids.SM2_CURVE)


class SelfSigner:
    """Signs a root's own certificate, before there is one."""

    certificate_der = b""
    algorithm = SM2_SM3

    def __init__(self, key: SM2PrivateKey) -> None:
        self._key = key

    def sign(self, message: bytes) -> bytes:
        """Return r‖s over `message`, verified."""
        made = self._key.sign(message)
        self._key.public_key.verify(made, message)
        return made


def pkcs8_of(key: SM2PrivateKey) -> Secret:
    """Return the key as DER PKCS#8."""
    inner = encode.sequence(
        encode.integer(1),
        encode.octet_string(key.scalar),
        encode.context(1, encode.bit_string(key.public_key.point)),
    )
    algorithm = encode.sequence(*map(encode.object_identifier, _PKCS8_ALGORITHM))
    octets = encode.sequence(encode.integer(0), algorithm, encode.octet_string(inner))
    return Secret(bytearray(octets))


def sealed_for(
    room: Room,
    name: str,
    key: SM2PrivateKey,
    certificate: Certificate,
    *,
    holders: list[str],
    threshold: int,
) -> bytes:
    """Seal the key `name` and hand each holder a share; return the sealed keystore."""
    made = shares.split(threshold, len(holders))
    with pkcs8_of(key) as pkcs8, made.passphrase as passphrase:
        plain = {name: sealing.PlainKey(certificate, pkcs8)}
        sealed = sealing.seal(plain, passphrase, shares=made.known)
    for number, (holder, share) in enumerate(zip(holders, made.shares, strict=True), start=1):
        room.hand_out(name, holder, number, share)
    return sealed


@contextmanager
def opened(room: Room, sealed: bytes, name: str) -> Iterator[Signer]:
    """Lend the signer of the key `name` while its holders' shares have the keystore open.

    Raises:
        ShareError: if a share is wrong, or they are too few.
        CeremonyMaterialError: if the keystore is sealed under a passphrase, or has no such key.
        SealBrokenError: if it was changed since it was sealed.
    """
    known = parse_sealed(sealed).header.shares
    if known is None:
        raise CeremonyMaterialError("the keystore is sealed under a passphrase, not under shares")
    with room.shares_of(name, known) as passphrase, sealing.unsealed(sealed, passphrase) as keys:
        if name not in keys:
            raise CeremonyMaterialError(f"the keystore holds no key {name}")
        certificate = keys[name].certificate
        chosen(name, certificate, None)
        yield signer_of(name, keys[name].pkcs8, certificate)


def ceremony_signer(
    subject: dict[str, str], issuer: Certificate, signer: Signer, *, at: datetime
) -> tuple[SM2Signer, Certificate]:
    """Return the signer of a fresh key for this ceremony alone, and its certificate."""
    key = SM2PrivateKey.generate()
    start = at.replace(microsecond=0)
    prepared: PreparedCertificate = prepare(
        PROFILES["audit"],
        subject=subject,
        spki=key.public_key.spki,
        issuer=issuer,
        not_before=start,
        not_after=start + CEREMONY_KEY_LIFE,
        serial=new_serial(),
    )
    certificate = issue(prepared, signer)
    return SM2Signer(key, certificate), certificate
