"""Where a path may end, and what is said when it ends elsewhere."""

from datetime import timedelta

import pytest

from sealkit.errors import MalformedError
from tests.sealkit.formats.pdf.authorities import (
    certificate,
)
from tests.verification.paths.chains import AT, CA, Chain
from verification.paths import PathVerdict


def test_anchor_itself_is_a_path(chain):
    outcome = chain.outcome(chain.root, purpose="any")
    assert (outcome.reason_code, outcome.chain) == ("ok", (chain.root,))


def test_anchor_is_no_signing_certificate(chain):
    assert chain.outcome(chain.root).reason_code == "key_usage_mismatch"


def test_anchor_out_of_time_ends_the_path(chain):
    old = certificate(
        "root",
        chain.root_key,
        "root",
        chain.root_key,
        ca=True,
        usage=CA,
        not_after=AT - timedelta(1),
    )
    assert chain.outcome(anchors=[old]).reason_code == "expired"


def test_sub_ca_may_be_the_anchor(chain):
    outcome = chain.outcome(anchors=[chain.sub], intermediates=[])
    assert (outcome.reason_code, len(outcome.chain)) == ("ok", 2)


def test_no_anchor_at_all_is_unknown(chain):
    outcome = chain.outcome(anchors=[], intermediates=[chain.sub, chain.root])
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.UNKNOWN, "no_trust_anchor")


def test_root_renewed_under_its_name_is_unknown_not_bad(chain):
    """An old trust store meets a new root of the same name: nobody has lied."""
    renewed = Chain()
    outcome = renewed.outcome(anchors=[chain.root], intermediates=[renewed.sub, renewed.root])
    assert outcome.reason_code == "no_trust_anchor"


def test_unreadable_anchor_is_our_own_mistake(chain):
    with pytest.raises(MalformedError):
        chain.outcome(anchors=[b"\x30\x00"])
