"""What is said of the holder: hosts, names below, policies, codes (RFC 5280, 4.2.1)."""

import re
from typing import Final

from ca.lint.case import Case, rule
from sealkit import oids
from sealkit.check_digits import uscc_problem

MAX_HOST_CHARACTERS: Final = 253
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_WEB_ADDRESS: Final = re.compile(r"https?://[^/\s]+/\S*")


@rule("alternative_names.not_as_profiled")
def alternative_names(case: Case) -> bool:
    """RFC 5280, 4.2.1.6: the hosts of a TLS key are named there; other keys speak for none."""
    named = bool(case.particulars.dns_names or case.particulars.ip_addresses)
    return named != case.profile.names_hosts


@rule("alternative_names.host")
def host(case: Case) -> bool:
    """RFC 5280, 4.2.1.6 (preferred name syntax): lower case, dotted, no wildcard."""
    return any(
        len(name) > MAX_HOST_CHARACTERS or not _HOST.fullmatch(name)
        for name in case.particulars.dns_names
    )


@rule("name_constraints.not_as_profiled")
def name_constraints(case: Case) -> bool:
    """RFC 5280, 4.2.1.10: another region's authority is limited to that region's names."""
    return bool(case.particulars.permitted_names) != case.profile.constrains_names


@rule("name_constraints.not_critical")
def name_constraints_not_critical(case: Case) -> bool:
    """RFC 5280, 4.2.1.10: they must be critical."""
    found = case.certificate.extension(oids.NAME_CONSTRAINTS)
    return found is not None and not found.critical


@rule("distribution_point.address")
def distribution_point(case: Case) -> bool:
    """RFC 5280, 4.2.1.13: where a list can be fetched over HTTP."""
    return not all(map(_WEB_ADDRESS.fullmatch, case.particulars.crl_addresses))


@rule("policies.twice")
def policies(case: Case) -> bool:
    """RFC 5280, 4.2.1.4: a policy is not named more than once."""
    named = case.particulars.policies
    return len(set(named)) != len(named)


@rule("organisation_code.check")
def organisation_code(case: Case) -> bool:
    """GB 32100: 18 characters, the last one follows from the others."""
    code = case.particulars.organisation_code
    return code is not None and uscc_problem(code) is not None


RULES: Final = (
    alternative_names,
    host,
    name_constraints,
    name_constraints_not_critical,
    distribution_point,
    policies,
    organisation_code,
)
