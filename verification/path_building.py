"""Finding the ways from a certificate to a trust anchor, in bounded work.

* A step up is taken only to a certificate whose name is the issuer's, whose key identifier
  is not another one, and whose key really verifies the signature; so a pool full of
  namesakes costs signature checks, never paths.
* Anchors are tried first; after them the pool in the order given. Every way is offered, so
  that a bad one (an untrusted self-signed root, an expired cross certificate) does not
  hide a good one.
* A dead end says why it is one. What a hostile pool can cost is limited by `Limits`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from asn1crypto.x509 import Certificate, Name
from cryptography.exceptions import InvalidSignature

from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import MalformedError
from verification.sm2_validator import SM2SignatureValidator

PARSED_CERTIFICATES_KEPT: Final = 256  # about 50 KB each

ASN1CRYPTO_ERRORS: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    RecursionError,
    AttributeError,  # its ObjectDescriptor has no value; found by changing one byte
)
"""What asn1crypto throws at well-formed DER that is not the structure it expects."""

Way = tuple[Certificate, ...]
"""Leaf first, anchor last."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one search may cost."""

    certificates: int = 256
    """Pool members looked at, about 1 ms each at first sight; those after are ignored."""
    pool_bytes: int = 512 * 1024
    """Of pool members together; those after are ignored. Reading costs up to 1.6 ms per KB."""
    way_length: int = 10
    """Certificates in one way, leaf and anchor included."""
    signature_checks: int = 256
    """About 0.5 ms each when not remembered."""
    ways: int = 8
    """Complete ways judged. One and two are usual; each can cost 0.3 s when an authority under
    an anchor fills its certificates with policies or names."""


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """Why the search stopped on some way; `code` is a reason code of `verification.paths`."""

    code: str
    detail: str


def within(limits: Limits, ders: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the members of a pool, as long as number and size stay within `limits`."""
    bytes_left = limits.pool_bytes
    for der in islice(ders, limits.certificates):
        bytes_left -= len(der)
        if bytes_left < 0:
            return
        yield der


@lru_cache(maxsize=PARSED_CERTIFICATES_KEPT)
def read_certificate(der: bytes) -> Certificate:
    """Read a DER certificate, every part of it.

    sealkit says whether it is one, strictly: DER, one signature algorithm inside and
    outside, no extension twice. asn1crypto gives the form that the library wants.

    Raises:
        MalformedError: if it is not exactly one certificate.
    """
    parse_certificate(der)
    try:
        certificate: Certificate = Certificate.load(der, strict=True)
        # asn1crypto parses on demand. Parsing all of it now puts every complaint here,
        # and makes the object safe to share between threads.
        certificate.native  # noqa: B018
        certificate.critical_extensions  # noqa: B018
        certificate.subject.hashable  # noqa: B018
        certificate.issuer.hashable  # noqa: B018
        certificate.self_issued  # noqa: B018
    except ASN1CRYPTO_ERRORS as error:
        raise MalformedError("not a DER certificate") from error
    return certificate


def is_same_authority(one: Certificate, other: Certificate) -> bool:
    """Whether both name the same authority: same subject, same key (RFC 5280, 6.1.1 d)."""
    return bool(
        one.subject.dump() == other.subject.dump()
        and one.public_key.dump() == other.public_key.dump()
    )


class Pool:
    """Certificates to be tried as issuers, by subject."""

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        self._members = list({member.dump(): member for member in certificates}.values())
        self._by_bytes: dict[bytes, list[Certificate]] = {}
        for member in self._members:
            self._by_bytes.setdefault(member.subject.dump(), []).append(member)

    def named(self, name: Name) -> Sequence[Certificate]:
        """Return the members with this subject.

        Bytes decide; only when none match are names compared as RFC 5280, 7.1 says
        (case, spaces, string type), which costs ten times as much.
        """
        exact = self._by_bytes.get(name.dump())
        if exact is not None:
            return exact
        wanted = name.hashable
        return [member for member in self._members if member.subject.hashable == wanted]


class Search:
    """One search from a leaf to the anchors."""

    def __init__(
        self, anchors: Pool, pool: Pool, validator: SM2SignatureValidator, limits: Limits
    ) -> None:
        self._anchors = anchors
        self._pool = pool
        self._validator = validator
        self._limits = limits
        self._checks_left = limits.signature_checks

    def ways(self, leaf: Certificate) -> Iterator[Way | DeadEnd]:
        """Yield each way from `leaf` to an anchor, and each dead end met on the search."""
        if any(is_same_authority(leaf, anchor) for anchor in self._anchors.named(leaf.subject)):
            yield (leaf,)
            return
        yield from self._ways_from((leaf,))

    def _ways_from(self, below: Way) -> Iterator[Way | DeadEnd]:
        child = below[-1]
        anchors = self._anchors.named(child.issuer)
        others = [
            other
            for other in self._pool.named(child.issuer)
            if not any(is_same_authority(other, taken) for taken in (*anchors, *below))
        ]
        namesakes = [*anchors, *others]
        fitting = [other for other in namesakes if _key_identifiers_agree(child, other)]
        verified = False
        for issuer in fitting:
            if self._checks_left == 0:
                yield DeadEnd("too_much_work", "certificate pool asks for too many checks")
                return
            if not self._has_signed(issuer, child):
                continue
            verified = True
            yield from self._step(below, issuer, is_anchor=issuer in anchors)
        if not verified:
            yield self._dead_end(child, namesakes, fitting)

    def _step(self, below: Way, issuer: Certificate, *, is_anchor: bool) -> Iterator[Way | DeadEnd]:
        if is_anchor:
            yield (*below, issuer)
        elif len(below) + 1 >= self._limits.way_length:
            yield DeadEnd("no_trust_anchor", "no trust anchor within the longest way allowed")
        else:
            yield from self._ways_from((*below, issuer))

    def _dead_end(
        self, child: Certificate, namesakes: list[Certificate], fitting: list[Certificate]
    ) -> DeadEnd:
        name = child.issuer.human_friendly
        if child.issuer == child.subject and self._has_signed(child, child):
            # Also when its name is an anchor's: an authority that renewed its key, or an
            # impostor, and nothing here tells which.
            return DeadEnd("no_trust_anchor", f"{name} is not a trust anchor")
        if fitting:
            return DeadEnd("bad_signature", f"signature of {child.subject.human_friendly}")
        if namesakes:
            return DeadEnd("issuer_mismatch", f"only another key is known for {name}")
        if self._pool.named(child.issuer):
            return DeadEnd("no_trust_anchor", f"certificates around {name} lead in a circle")
        return DeadEnd("issuer_not_found", f"no certificate of {name}")

    def _has_signed(self, issuer: Certificate, child: Certificate) -> bool:
        self._checks_left -= 1
        try:
            self._validator.validate_signature(
                child["signature_value"].native,
                child["tbs_certificate"].dump(),
                issuer.public_key,
                child["signature_algorithm"],
            )
        except InvalidSignature:
            return False
        return True


def _key_identifiers_agree(child: Certificate, issuer: Certificate) -> bool:
    wanted = child.authority_key_identifier
    offered = issuer.key_identifier
    return not wanted or not offered or wanted == offered
