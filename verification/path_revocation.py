"""What certificate revocation lists say of a certificate at a moment (RFC 5280, 6.3).

* A list speaks of a certificate when its issuer is the certificate's, it is signed by the
  same key, its issuing distribution point takes the certificate in, it covers all reasons
  and has no critical extension unknown here.
* A delta speaks only beside a complete list of the same scope whose number lies between the
  one it names and its own; together they are as new as the delta (RFC 5280, 5.2.4). What it
  lists overrides the complete list; when it ends, the complete list is what is left.
* Of those that speak the newest decides. A listing counts even when the list is stale;
  silence counts only while the list is fresh: `at` not after nextUpdate.
* A list made after `at` is good evidence about `at`: each entry has its date. But a CA may
  drop an entry once the certificate has run out, so a list younger than the certificate's
  end is silent about it, unless expiredCertsOnCRL says that entries are kept.
* An entry for a compromised key counts from its invalidityDate, when that is earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from asn1crypto.core import GeneralizedTime, Void
from asn1crypto.crl import CertificateList, RevokedCertificate
from asn1crypto.x509 import Certificate, DistributionPointName
from cryptography.exceptions import InvalidSignature

from sealkit.asn1.crl import parse_crl
from sealkit.errors import MalformedError
from verification.path_building import ASN1CRYPTO_ERRORS
from verification.sm2_validator import SM2SignatureValidator

PARSED_LISTS_KEPT: Final = 16
EXPIRED_CERTS_ON_CRL: Final = "2.5.29.60"
_KNOWN_CRITICAL: Final = frozenset(
    {
        "issuing_distribution_point",
        "authority_key_identifier",
        "crl_number",
        "delta_crl_indicator",
    }
)
_COMPROMISED: Final = frozenset({"key_compromise", "ca_compromise"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the lists say of one certificate."""

    code: str
    """``ok``, ``revoked``, ``crl_expired``, ``crl_bad_signature`` or ``crl_not_found``."""
    revoked_at: datetime | None = None
    """Since when it is revoked, also when that is after the moment asked for."""


@lru_cache(maxsize=PARSED_LISTS_KEPT)
def read_crl(der: bytes) -> CertificateList:
    """Read a DER revocation list of at most 4 MiB.

    sealkit says whether it is one, strictly; asn1crypto gives the extensions.

    Raises:
        MalformedError: if it is not exactly one list.
    """
    parse_crl(der)
    try:
        revocation_list: CertificateList = CertificateList.load(der, strict=True)
        tbs = revocation_list["tbs_cert_list"]
        for part in ("issuer", "this_update", "next_update", "crl_extensions", "signature"):
            tbs[part].native  # noqa: B018
        revocation_list["signature_algorithm"].native  # noqa: B018
        revocation_list["signature"].native  # noqa: B018
        revocation_list.critical_extensions  # noqa: B018
    except ASN1CRYPTO_ERRORS as error:
        raise MalformedError("not a DER certificate revocation list") from error
    return revocation_list


def standing(
    certificate: Certificate,
    issuer: Certificate,
    lists: Sequence[CertificateList],
    *,
    at: datetime,
    validator: SM2SignatureValidator,
) -> Standing:
    """Return what `lists` say of `certificate`, which `issuer` issued, at `at`."""
    candidates = [
        candidate
        for candidate in lists
        if candidate.issuer.dump() == issuer.subject.dump() and _covers(candidate, certificate)
    ]
    genuine = [candidate for candidate in candidates if _is_signed_by(candidate, issuer, validator)]
    if not genuine:
        return Standing("crl_bad_signature" if candidates else "crl_not_found")
    complete = [entry for entry in genuine if entry.delta_crl_indicator_value is None]
    if not complete:
        return Standing("crl_not_found")  # deltas alone say nothing
    deltas = [entry for entry in genuine if entry.delta_crl_indicator_value is not None]
    paired = [(entry, _delta_to(entry, deltas)) for entry in complete]
    newest, delta = max(paired, key=lambda pair: _this_update(pair[1] or pair[0]))
    try:
        revoked_at = _revoked_by(newest, delta, certificate)
    except ASN1CRYPTO_ERRORS:
        # Signed by its issuer and yet no list: it says nothing that could be relied on.
        return Standing("crl_not_found")
    if revoked_at is not None and revoked_at <= at:
        return Standing("revoked", revoked_at)
    next_update = newest["tbs_cert_list"]["next_update"].native
    fresh = next_update is not None and at <= next_update
    return Standing("ok" if fresh else "crl_expired", revoked_at)


def _delta_to(
    complete: CertificateList, deltas: Sequence[CertificateList]
) -> CertificateList | None:
    """Return the newest delta that adds to this complete list."""
    number = _number(complete)
    fitting = [
        delta
        for delta in deltas
        if delta.delta_crl_indicator_value.native <= number < _number(delta)
        and _scope(delta) == _scope(complete)
    ]
    return max(fitting, key=_number, default=None)


def _number(revocation_list: CertificateList) -> int:
    value = revocation_list.crl_number_value
    return -1 if value is None else int(value.native)


def _scope(revocation_list: CertificateList) -> bytes | None:
    point = revocation_list.issuing_distribution_point_value
    return None if point is None else bytes(point.dump())


def _this_update(revocation_list: CertificateList) -> datetime:
    moment: datetime = revocation_list["tbs_cert_list"]["this_update"].native
    return moment


def _is_signed_by(
    revocation_list: CertificateList, issuer: Certificate, validator: SM2SignatureValidator
) -> bool:
    usage = issuer.key_usage_value
    if usage is not None and "crl_sign" not in usage.native:
        return False
    try:
        validator.validate_signature(
            revocation_list["signature"].native,
            revocation_list["tbs_cert_list"].dump(),
            issuer.public_key,
            revocation_list["signature_algorithm"],
        )
    except InvalidSignature:
        return False
    return True


def _covers(revocation_list: CertificateList, certificate: Certificate) -> bool:
    if revocation_list.critical_extensions - _KNOWN_CRITICAL:
        return False
    if not _keeps_expired(revocation_list, certificate):
        return False
    point = revocation_list.issuing_distribution_point_value
    if point is None:
        return True
    is_ca = bool(certificate.ca)
    if point["only_contains_ca_certs"].native and not is_ca:
        return False
    if point["only_contains_user_certs"].native and is_ca:
        return False
    if point["only_contains_attribute_certs"].native or point["indirect_crl"].native:
        return False
    if point["only_some_reasons"].native is not None:
        return False
    return _shares_point(point["distribution_point"], certificate)


def _shares_point(name: Void | DistributionPointName, certificate: Certificate) -> bool:
    """Whether a sharded list is the shard that the certificate names (RFC 5280, 6.3.3 b 2)."""
    if isinstance(name, Void):
        return True
    points = certificate.crl_distribution_points_value or ()
    offered = {entry for point in points for entry in _point_names(point["distribution_point"])}
    return bool(_point_names(name) & offered)


def _point_names(name: Void | DistributionPointName) -> set[bytes]:
    """Return the full names of a point; a name relative to the issuer is not read here."""
    if isinstance(name, Void) or name.name != "full_name":
        return set()
    return {entry.dump() for entry in name.chosen}


def _keeps_expired(revocation_list: CertificateList, certificate: Certificate) -> bool:
    ended: datetime = certificate.not_valid_after
    if _this_update(revocation_list) <= ended:
        return True
    for extension in revocation_list["tbs_cert_list"]["crl_extensions"]:
        if extension["extn_id"].dotted == EXPIRED_CERTS_ON_CRL:
            try:
                kept_since: datetime = GeneralizedTime.load(
                    extension["extn_value"].native, strict=True
                ).native
            except (ValueError, TypeError):
                return False
            return kept_since <= ended
    return False


def _revoked_by(
    complete: CertificateList, delta: CertificateList | None, certificate: Certificate
) -> datetime | None:
    """Return since when the lists together have the certificate revoked."""
    newer = None if delta is None else _entry_of(delta, certificate)
    entry = newer or _entry_of(complete, certificate)
    return None if entry is None else _counts_from(entry)


def _entry_of(
    revocation_list: CertificateList, certificate: Certificate
) -> RevokedCertificate | None:
    entries = revocation_list["tbs_cert_list"]["revoked_certificates"]
    serial = certificate["tbs_certificate"]["serial_number"]
    # A list can hold a hundred thousand entries and parsing one costs some 20 µs: look for
    # the bytes of the serial first, which an entry cannot do without.
    if serial.dump() not in entries.dump():
        return None
    found: RevokedCertificate | None = next(
        (entry for entry in entries if entry["user_certificate"].native == serial.native), None
    )
    return found


def _counts_from(entry: RevokedCertificate) -> datetime | None:
    revoked_at: datetime = entry["revocation_date"].native
    reason = entry.crl_reason_value
    if reason is not None and reason.native == "remove_from_crl":
        return None
    invalid_since = entry.invalidity_date_value
    if reason is not None and reason.native in _COMPROMISED and invalid_since is not None:
        revoked_at = min(revoked_at, invalid_since.native)
    return revoked_at
