"""Rules of RFC 5280, section 6 and of the Chinese profile, each with a name for its breach.

pyhanko-certvalidator judges the same things; what these add is which rule was broken, and
the purpose, which it leaves to its caller.
A way is leaf first, anchor last. The anchor counts as a name, a key, a period and limits,
never as a certificate to be judged (RFC 5280, 6.1.1 d).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

from asn1crypto.x509 import Certificate, GeneralSubtrees
from pyhanko_certvalidator.name_trees import (
    ExcludedSubtrees,
    PermittedSubtrees,
    default_excluded_subtrees,
    default_permitted_subtrees,
    process_general_subtrees,
)
from pyhanko_certvalidator.validate import SUPPORTED_EXTENSIONS

from sealkit import oids
from verification.path_building import DeadEnd, Way

Purpose = Literal["any", "sign", "encrypt", "timestamp", "ocsp", "bundle"]
"""What the leaf is used for; ``any`` asks for the rules of RFC 5280 only."""

SIGNING: Final = frozenset({"digital_signature", "non_repudiation"})
ENCRYPTING: Final = frozenset({"key_encipherment", "data_encipherment", "key_agreement"})
_KEY_USAGE: Final[dict[Purpose, frozenset[str]]] = {
    "sign": SIGNING,
    "encrypt": ENCRYPTING,
    "timestamp": SIGNING,
    "ocsp": frozenset({"digital_signature"}),
    "bundle": SIGNING,
}
_ALONE: Final[dict[Purpose, str]] = {
    "timestamp": oids.EKU_TIME_STAMPING,
    "bundle": oids.EKU_TRUST_BUNDLE,
}
"""What a signer of this purpose is certified for critically, and for nothing else."""
_SERVICES: Final = frozenset({*_ALONE.values(), oids.EKU_OCSP_SIGNING})


def broken_path_rules(way: Way, at: datetime) -> Iterator[DeadEnd]:
    """Yield each breach of the path rules, from the leaf up."""
    for certificate in way[:-1] or way:
        yield from _extensions(certificate)
    for certificate in way:
        yield from _period(certificate, at)
    for certificate in way[1:-1]:
        yield from _authority(certificate)
    yield from _path_length(way)
    yield from _names(way)


def broken_purpose_rules(leaf: Certificate, purpose: Purpose) -> Iterator[DeadEnd]:
    """Yield each way in which `leaf` is not meant for `purpose` (sm2-pki sheet, 3).

    A signing certificate is refused for decryption and the reverse; a timestamp signer has
    a critical extended key usage of exactly timeStamping (RFC 3161, 2.3), and so has the
    signer of trust bundles its own (docs/adr/0027-who-signs-trust-bundles.md).
    """
    if purpose == "any":
        return
    if leaf.key_usage_value is None:
        yield DeadEnd("key_usage_missing", "certificate has no key usage")
    elif not leaf.key_usage_value.native & _KEY_USAGE[purpose]:
        yield DeadEnd("key_usage_mismatch", f"key usage does not allow: {purpose}")
    usages = frozenset(usage.dotted for usage in leaf.extended_key_usage_value or ())
    if not _extended_usage_fits(leaf, usages, purpose):
        yield DeadEnd("eku_mismatch", f"extended key usage does not allow: {purpose}")


def _extended_usage_fits(leaf: Certificate, usages: frozenset[str], purpose: Purpose) -> bool:
    if purpose in _ALONE:
        critical = "extended_key_usage" in leaf.critical_extensions
        return critical and usages == {_ALONE[purpose]}
    if purpose == "ocsp":
        return oids.EKU_OCSP_SIGNING in usages
    # No usage is named for seals and documents, but a key of a service is not one of them.
    return not usages or not usages <= _SERVICES


def _extensions(certificate: Certificate) -> Iterator[DeadEnd]:
    unknown = certificate.critical_extensions - SUPPORTED_EXTENSIONS
    if unknown:
        yield DeadEnd("unknown_critical_extension", ", ".join(sorted(unknown)))


def _period(certificate: Certificate, at: datetime) -> Iterator[DeadEnd]:
    name = certificate.subject.human_friendly
    if at < certificate.not_valid_before:
        yield DeadEnd("not_yet_valid", f"{name} from {certificate.not_valid_before:%Y-%m-%d}")
    if at > certificate.not_valid_after:
        yield DeadEnd("expired", f"{name} on {certificate.not_valid_after:%Y-%m-%d}")


def _authority(certificate: Certificate) -> Iterator[DeadEnd]:
    name = certificate.subject.human_friendly
    if not certificate.ca:
        yield DeadEnd("not_a_ca", f"{name} is not a certificate authority")
    usage = certificate.key_usage_value
    if usage is not None and "key_cert_sign" not in usage.native:
        yield DeadEnd("key_cert_sign_missing", f"{name} may not sign certificates")


def _path_length(way: Way) -> Iterator[DeadEnd]:
    """RFC 5280, 4.2.1.9: non-self-issued intermediates that may follow; the leaf is none."""
    below = 0
    for certificate in way[1:]:
        allowed = certificate.max_path_length
        if allowed is not None and below > allowed:
            yield DeadEnd("path_length", f"{certificate.subject.human_friendly}: {allowed}")
        if not certificate.self_issued:
            below += 1


def _names(way: Way) -> Iterator[DeadEnd]:
    """RFC 5280, 4.2.1.10; names that a root limits itself to count as its path length does."""
    permitted = PermittedSubtrees(default_permitted_subtrees())
    excluded = ExcludedSubtrees(default_excluded_subtrees())
    try:
        _narrow(way[-1], permitted, excluded)
        for certificate in reversed(way[:-1]):
            is_leaf = certificate is way[0]
            if (is_leaf or not certificate.self_issued) and not (
                permitted.accept_cert(certificate) and excluded.accept_cert(certificate)
            ):
                yield DeadEnd("name_constraint", certificate.subject.human_friendly)
            _narrow(certificate, permitted, excluded)
    except NotImplementedError as error:
        # A constraint nobody here can read must not pass (RFC 5280, 4.2.1.10).
        yield DeadEnd("name_constraint", f"cannot be processed: {error}")


def _narrow(
    certificate: Certificate, permitted: PermittedSubtrees, excluded: ExcludedSubtrees
) -> None:
    constraints = certificate.name_constraints_value
    if constraints is None:
        return
    if isinstance(constraints["permitted_subtrees"], GeneralSubtrees):
        permitted.intersect_with(process_general_subtrees(constraints["permitted_subtrees"]))
    if isinstance(constraints["excluded_subtrees"], GeneralSubtrees):
        excluded.union_with(process_general_subtrees(constraints["excluded_subtrees"]))
