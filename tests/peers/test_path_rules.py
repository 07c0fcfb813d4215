"""The rules of path validation before libcrypto and Bouncy Castle.

`DIFFERENT` lists where a peer differs and why, as measured; everything else must agree.
"""

import pytest

from tests.verification.paths.cases import CASES
from verification.paths import PathVerdict, validate_path

NAMES = [case.name for case in CASES]
BY_NAME = "takes the first issuer of the name when certificates carry no key identifiers"
BARE_ANCHOR = "takes name and key of an anchor and nothing else (RFC 5280, 6.1.1 d)"
NO_WAY_BACK = "does not go back when the way it has taken ends"
DIFFERENT = {
    ("libcrypto", "leaf_ends_now"): "refuses the last second of the validity",
    ("libcrypto", "self_issued_authority_is_not_counted"): BY_NAME,
    ("libcrypto", "self_issued_authority_is_not_held_to_its_own_names"): BY_NAME,
    ("libcrypto", "namesake_with_another_key_beside_the_right_one"): BY_NAME,
    ("libcrypto", "regions_that_certify_each_other"): NO_WAY_BACK,
    ("libcrypto", "other_regions_root_beside_its_cross_certificate"): NO_WAY_BACK,
    ("bouncy", "anchor_ended"): BARE_ANCHOR,
    ("bouncy", "length_of_the_anchor_counts"): BARE_ANCHOR,
    ("bouncy", "names_of_the_anchor_count"): BARE_ANCHOR,
}


def ours(path):
    return validate_path(
        path.leaf,
        intermediates=path.intermediates,
        anchors=path.anchors,
        crls=(),
        at=path.at,
        purpose="any",
        require_revocation=False,
    )


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_libcrypto_judges_each_rule_as_we_do(path_error, case):
    path = case.build()
    error = path_error(
        path.leaf, intermediates=path.intermediates, anchors=path.anchors, at=path.at
    )
    agrees = (error == 0) == (ours(path).verdict is PathVerdict.OK)
    assert agrees != (("libcrypto", case.name) in DIFFERENT), error


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_bouncy_castle_judges_each_rule_as_we_do(bouncy, case):
    """Over the way that we found; where we found none there is nothing to put before it."""
    path = case.build()
    outcome = ours(path)
    if not outcome.chain:
        assert outcome.verdict is not PathVerdict.OK
        return
    *way, anchor = outcome.chain
    refused = bouncy.refuses("verify-path", path.at, 0, anchor, *way)
    agrees = refused == (outcome.verdict is not PathVerdict.OK)
    assert agrees != (("bouncy", case.name) in DIFFERENT)
