"""Whether a certificate leads to a trust anchor: the one question every rule asks of X.509.

The judge is pyhanko-certvalidator with SM2 added; `path_building` finds ways in bounded
work, `path_rules` names what is broken, `path_revocation` reads the lists. A way is good
only when our rules and the library both say so.

Several ways may lead up. One good way is enough. Otherwise the answer is the most telling:
a complete way whose revocation is unknown, then a complete way that breaks a rule, then a
dead end. Broken beats unknown within one way: a wrong purpose is not excused by a missing
revocation list.
"""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from asn1crypto.crl import CertificateList
from asn1crypto.x509 import Certificate
from pyhanko_certvalidator.authority import CertTrustAnchor, TrustQualifiers
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import DisallowedAlgorithmError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.validate import async_validate_path

from sealkit.errors import MalformedError
from verification.path_building import (
    ASN1CRYPTO_ERRORS,
    DeadEnd,
    Limits,
    Pool,
    Search,
    Way,
    read_certificate,
    within,
)
from verification.path_revocation import read_crl, standing
from verification.path_rules import Purpose, broken_path_rules, broken_purpose_rules
from verification.sm2_validator import SM2SignatureValidator

T = TypeVar("T")

DEFAULT_LIMITS: Final = Limits()
_NO_REVOCATION: Final = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
)


class PathVerdict(StrEnum):
    """What can be said of a path."""

    OK = "ok"
    BAD = "bad"
    UNKNOWN = "unknown"


UNKNOWN_REASONS: Final = frozenset(
    {
        "no_trust_anchor",
        "issuer_not_found",
        "crl_not_found",
        "crl_expired",
        "crl_bad_signature",
        "too_much_work",
    }
)
"""Reasons that say what is missing, not what is wrong."""


@dataclass(frozen=True, slots=True)
class PathOutcome:
    """The answer to `validate_path`."""

    verdict: PathVerdict
    reason_code: str
    """``ok``, or the rule that decided; never renamed."""
    detail: str = ""
    """English, for logs and evidence; names certificates by subject."""
    chain: tuple[bytes, ...] = field(default=(), repr=False)
    """DER, leaf first, anchor last; empty when no way was complete."""
    revoked_at: datetime | None = None
    """Since when some certificate of the chain is revoked, also when after `at`."""


def validate_path(
    leaf: bytes,
    *,
    intermediates: Iterable[bytes],
    anchors: Iterable[bytes],
    crls: Iterable[bytes],
    at: datetime,
    purpose: Purpose,
    require_revocation: bool,
    limits: Limits = DEFAULT_LIMITS,
) -> PathOutcome:
    """Say whether `leaf` leads to one of `anchors` and was good for `purpose` at `at`.

    All certificates and lists are DER. Members of `intermediates` and `crls` that cannot
    be read are passed over: they are foreign, and one bad one must not spoil the rest.
    Give trusted intermediates before those found in a document: order is preference.
    Lists are read also when `require_revocation` is False; then only a listing counts.

    Raises:
        MalformedError: if an anchor cannot be read: that is our own material.
    """
    try:
        certificate = read_certificate(leaf)
    except MalformedError as error:
        return PathOutcome(PathVerdict.BAD, "malformed", str(error))
    validator = SM2SignatureValidator()
    search = Search(
        Pool(read_certificate(der) for der in anchors),
        Pool(_readable(read_certificate, within(limits, intermediates))),
        validator,
        limits,
    )
    judge = _Judge(tuple(_readable(read_crl, crls)), at, purpose, require_revocation, validator)
    outcomes: list[PathOutcome] = []
    ways_left = limits.ways
    for found in search.ways(certificate):
        if isinstance(found, DeadEnd):
            outcomes.append(_dead_end(found))
            continue
        outcomes.append(judge.outcome(found))
        ways_left -= 1
        if outcomes[-1].verdict is PathVerdict.OK or ways_left == 0:
            break
    return max(outcomes, key=_tells)


@dataclass(frozen=True, slots=True)
class _Judge:
    """The rules for one complete way."""

    lists: tuple[CertificateList, ...]
    at: datetime
    purpose: Purpose
    require_revocation: bool
    validator: SM2SignatureValidator

    def outcome(self, way: Way) -> PathOutcome:
        chain = tuple(certificate.dump() for certificate in way)
        try:
            broken = next(self._broken(way), None)
        except ASN1CRYPTO_ERRORS as error:
            # Names within constraints and policies are compared here for the first time.
            broken = DeadEnd("malformed", f"{type(error).__name__} in a certificate")
        if broken:
            return PathOutcome(PathVerdict.BAD, broken.code, broken.detail, chain)
        return self._with_revocation(way, chain)

    def _broken(self, way: Way) -> Iterator[DeadEnd]:
        yield from broken_path_rules(way, self.at)
        yield from broken_purpose_rules(way[0], self.purpose)
        yield from _library_refusal(way, self.at, self.validator)

    def _with_revocation(self, way: Way, chain: tuple[bytes, ...]) -> PathOutcome:
        standings = [
            standing(subject, issuer, self.lists, at=self.at, validator=self.validator)
            for subject, issuer in pairwise(way)
        ]
        dates = [found.revoked_at for found in standings if found.revoked_at is not None]
        revoked_at = min(dates, default=None)
        if any(found.code == "revoked" for found in standings):
            return PathOutcome(PathVerdict.BAD, "revoked", "", chain, revoked_at)
        unknown = next((found.code for found in standings if found.code != "ok"), None)
        if unknown and self.require_revocation:
            return PathOutcome(PathVerdict.UNKNOWN, unknown, "", chain, revoked_at)
        return PathOutcome(PathVerdict.OK, "ok", "", chain, revoked_at)


def _dead_end(found: DeadEnd) -> PathOutcome:
    verdict = PathVerdict.UNKNOWN if found.code in UNKNOWN_REASONS else PathVerdict.BAD
    return PathOutcome(verdict, found.code, found.detail)


def _tells(outcome: PathOutcome) -> int:
    """Return how much an outcome says, as the module's head orders them."""
    if outcome.verdict is PathVerdict.OK:
        return 5
    unknown = outcome.verdict is PathVerdict.UNKNOWN
    if outcome.chain:
        return 4 if unknown else 3
    if outcome.reason_code == "too_much_work":
        return 2
    return 1 if unknown else 0


def _readable(read: Callable[[bytes], T], ders: Iterable[bytes]) -> Iterator[T]:
    for der in ders:
        with suppress(MalformedError):
            yield read(der)


def _library_refusal(way: Way, at: datetime, validator: SM2SignatureValidator) -> Iterator[DeadEnd]:
    anchor = way[-1]
    quals = TrustQualifiers(max_path_length=anchor.max_path_length)
    context = ValidationContext(
        trust_roots=[anchor],
        moment=at,
        allow_fetching=False,
        revinfo_policy=_NO_REVOCATION,
        time_tolerance=timedelta(0),
        signature_validator=validator,
    )
    path = ValidationPath(
        CertTrustAnchor(anchor, quals), way[-2:0:-1], way[0] if len(way) > 1 else None
    )
    try:
        _run(async_validate_path(context, path))
    except DisallowedAlgorithmError as error:
        yield DeadEnd("weak_algorithm", error.failure_msg)
    except ValidationError as error:
        yield DeadEnd("path_refused", error.failure_msg)
    except (NotImplementedError, ValueError, TypeError, KeyError) as error:  # pragma: no cover
        # Not met so far; but the library reads policies and names that nobody else has.
        yield DeadEnd("path_refused", f"{type(error).__name__}: {error}")


def _run(coroutine: Coroutine[None, None, Certificate]) -> None:
    """Run the library's coroutine, which fetches nothing and so never waits.

    An event loop of its own would cost more than the checks and forbid callers that have one.
    """
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()  # pragma: no cover  # a new version of the library might
    raise RuntimeError("path validation tried to wait")  # pragma: no cover
