"""Names, policies and path length: what authorities above allow those below."""

from asn1crypto import x509

from tests.sealkit.formats.pdf.authorities import (
    certificate,
)
from tests.verification.paths.chains import CA, Chain, extension
from verification.paths import PathVerdict


def test_name_constraint_nobody_can_read_does_not_pass():
    chain = Chain()
    limits = x509.NameConstraints(
        {"permitted_subtrees": [{"base": x509.GeneralName("ip_address", "10.0.0.0/8")}]}
    )
    chain.sub = certificate(
        "sub",
        chain.sub_key,
        "root",
        chain.root_key,
        ca=True,
        usage=CA,
        more=[extension("name_constraints", limits, critical=True)],
    )
    names = x509.GeneralNames([x509.GeneralName("ip_address", "10.1.1.1")])
    leaf = chain.issue("leaf", more=[extension("subject_alt_name", names)])
    assert chain.outcome(leaf).reason_code == "name_constraint"


def test_what_only_the_library_refuses_is_refused():
    """A policy required by the sub CA and carried by nobody."""
    chain = Chain()
    required = extension("policy_constraints", {"require_explicit_policy": 0}, critical=True)
    chain.sub = certificate(
        "sub", chain.sub_key, "root", chain.root_key, ca=True, usage=CA, more=[required]
    )
    outcome = chain.outcome()
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.BAD, "path_refused")
