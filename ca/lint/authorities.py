"""Whether the issuer may do this (RFC 5280, 4.2.1.9)."""

from typing import Final

from ca.lint.case import Case, rule


@rule("issuer.absent")
def absent(case: Case) -> bool:
    """Only an authority may sign its own certificate."""
    return case.issuer is None and not case.profile.is_ca


@rule("issuer.not_a_ca")
def not_a_ca(case: Case) -> bool:
    """RFC 5280, 4.2.1.3, 4.2.1.9: cA and keyCertSign go together."""
    issuer = case.issuer
    return issuer is not None and not (issuer.is_ca and "key_cert_sign" in issuer.key_usage)


@rule("issuer.path_length")
def path_length(case: Case) -> bool:
    """RFC 5280, 4.2.1.9: an authority of path length 0 makes no further one."""
    issuer = case.issuer
    return issuer is not None and issuer.path_length == 0 and case.profile.is_ca


RULES: Final = (absent, not_a_ca, path_length)
