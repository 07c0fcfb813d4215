"""The trust bundle: what a verifier takes along when there will be no connection, in one file.

``{"schema", "body": base64 of JSON, "certificate": base64 of DER, "signature": JWS over SM3
of the body}``. The body holds the trust directory of each region (`RegionTrust.to_files`) with
the status lists of then, when it was made, and how old it may grow before nothing is said
with it: a day, and an hour for kinds whose state changes on the road (standards/e-licence, 8.2).

The first region is the maker's. Only a key that its root has certified for bundles, and for
nothing else, may sign: a bundle says who issues what and who is revoked, so nobody may be made
its signer by the bundle itself (docs/adr/0027-who-signs-trust-bundles.md). Whoever takes a
bundle compares the SM3 of the maker's root once, by another way; later ones must stand on it.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sealkit import numeric_date, oids, statements, tokens
from sealkit.errors import InvalidSignatureError, MalformedError
from sealkit.signer import Signer
from sealkit.sm import sm3
from verification.checks.chain import footing_of
from verification.checks.sources import CLOCK_SKEW
from verification.paths import PathVerdict
from verification.report import Finding, Report, Severity
from verification.trust import MAX_TRUST_BYTES, RegionTrust, TrustStore

SCHEMA: Final = "yinxin-bundle/2"
MAX_AGE: Final = timedelta(hours=24)
MAX_BUNDLE_BYTES: Final = 2 * MAX_TRUST_BYTES
_MAX_REGIONS: Final = 64


@dataclass(frozen=True)
class Bundle:
    """A bundle whose signature held."""

    trust: TrustStore
    made_at: datetime
    max_age: timedelta
    kind_ages: Mapping[str, timedelta] = field(default_factory=dict)
    """Shorter ages by code of the kind."""
    root: bytes = b""
    """The root that certified the signer, DER; its SM3 is what to compare by another way."""

    def age_limit(self, kind_code: str) -> timedelta:
        """Return how old the bundle may be for licences of this kind."""
        return min(self.max_age, self.kind_ages.get(kind_code, self.max_age))

    def judged(self, report: Report, kind_code: str) -> Report:
        """Return `report` with what the age of the bundle adds to it.

        Where a slip told the state, the kind's shorter age is asked of the slip.
        """
        age = report.at - self.made_at
        evidence = {"made_at": self.made_at.isoformat()}
        limit, slip_made_at = self.age_limit(kind_code), report.freshness.get("slip")
        if slip_made_at is not None:
            if report.at - slip_made_at > limit:
                told = {"issued_at": slip_made_at.isoformat()}
                stale = Finding("slip.stale", Severity.UNKNOWN, told)
                return replace(report, findings=(*report.findings, stale))
            limit = self.max_age
        if age < -CLOCK_SKEW:
            added = Finding("bundle.from_future", Severity.UNKNOWN, evidence)
        elif age > limit:
            added = Finding("bundle.stale", Severity.UNKNOWN, evidence)
        else:
            return report
        return replace(report, findings=(*report.findings, added))


def build_bundle(
    regions: tuple[RegionTrust, ...],
    status_tokens: Mapping[str, bytes],
    kind_ages: Mapping[str, timedelta],
    *,
    signer: Signer,
    at: datetime,
) -> bytes:
    """Return the bundle of `regions`; each takes along the status lists at its own addresses.

    `status_tokens` are those of the first region, by address.
    """
    carried = (replace(regions[0], status_tokens=dict(status_tokens)), *regions[1:])
    body = json.dumps(
        {
            "made_at": numeric_date.from_datetime(at),
            "max_age": int(MAX_AGE.total_seconds()),
            "kind_ages": {code: int(age.total_seconds()) for code, age in kind_ages.items()},
            "regions": [_encoded(region) for region in carried],
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
    claims = {"body_sm3": sm3.digest(body).hex(), "iat": numeric_date.from_datetime(at)}
    signature = tokens.sign_token(claims, signer, typ=statements.BUNDLE)
    members = {
        "schema": SCHEMA,
        "body": _base64(body),
        "certificate": _base64(signer.certificate_der),
        "signature": signature,
    }
    return json.dumps(members).encode()


def read_bundle(content: bytes, *, at: datetime) -> Bundle:
    """Read a bundle and check its signature; its age is judged with each report.

    Raises:
        MalformedError: if it is no bundle, or a part of it is not what its name says.
        InvalidSignatureError: if who signed it is not certified for bundles under a root of
            its first region, or did not sign it.
    """
    if len(content) > MAX_BUNDLE_BYTES:
        raise MalformedError("the bundle is too large")
    members = _object(content)
    if members.get("schema") != SCHEMA:
        raise MalformedError(f"not a bundle of schema {SCHEMA}")
    body = _octets(members.get("body"))
    read = _object(body)
    made_at = numeric_date.to_datetime(read.get("made_at"))
    trust = TrustStore(_regions(read.get("regions")))
    signer = _octets(members.get("certificate"))
    root = _root_of(signer, trust, made_at)
    _check_signature(members.get("signature"), body, trust, signer, made_at=made_at, at=at)
    return Bundle(
        trust=trust,
        made_at=made_at,
        max_age=min(_age(read.get("max_age")), MAX_AGE),
        kind_ages=_kind_ages(read.get("kind_ages")),
        root=root,
    )


def _root_of(signer: bytes, trust: TrustStore, made_at: datetime) -> bytes:
    """Return the root of the first region that certified `signer` for bundles."""
    maker = TrustStore(trust.regions[:1])
    outcome = footing_of(maker, signer, at=made_at, purpose="bundle").outcome
    if outcome.verdict is not PathVerdict.OK:
        raise InvalidSignatureError(f"nobody who may sign bundles: {outcome.reason_code}")
    # Nothing proves when a bundle was signed, so a later revocation counts as well.
    if outcome.revoked_at is not None:
        raise InvalidSignatureError("the signer's certificate is revoked")
    # Another region's authority, certified within limits, does not speak for this one.
    if any(trust.certificate(der).extension(oids.NAME_CONSTRAINTS) for der in outcome.chain):
        raise InvalidSignatureError("the signer was certified by an authority with limits")
    return outcome.chain[-1]


def _check_signature(
    signature: Any,
    body: bytes,
    trust: TrustStore,
    signer: bytes,
    *,
    made_at: datetime,
    at: datetime,
) -> None:
    """Check the token over the body."""
    if not isinstance(signature, str):
        raise MalformedError("the bundle is not signed")
    key = trust.certificate(signer).sm2_key
    claims = tokens.verify_token(signature, [key], typ=statements.BUNDLE, at=max(at, made_at))
    if claims.get("body_sm3") != sm3.digest(body).hex():
        raise MalformedError("the signature belongs to another bundle")
    if numeric_date.to_datetime(claims.get("iat")) != made_at:
        raise MalformedError("the bundle was signed at another time than it says")


def _encoded(region: RegionTrust) -> dict[str, str]:
    return {name: _base64(content) for name, content in region.to_files().items()}


def _regions(value: Any) -> tuple[RegionTrust, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_REGIONS:
        raise MalformedError("the bundle has no regions")
    return tuple(
        RegionTrust.from_files({name: _octets(text) for name, text in _map(files).items()})
        for files in value
    )


def _kind_ages(value: Any) -> dict[str, timedelta]:
    return {code: _age(seconds) for code, seconds in _map(value).items()}


def _age(value: Any) -> timedelta:
    if type(value) is not int or not 0 < value <= MAX_AGE.total_seconds():
        raise MalformedError("an age in the bundle is not a number of seconds up to a day")
    return timedelta(seconds=value)


def _map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("a map of the bundle is missing")
    return value


def _object(content: bytes) -> dict[str, Any]:
    try:
        members = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedError("the bundle is not JSON") from error
    return _map(members)


def _octets(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise MalformedError("a part of the bundle is not base64") from error


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
