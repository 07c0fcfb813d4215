"""Each rule of path validation, kept and broken: the cases of `cases.py`."""

import pytest

from tests.verification.paths.cases import CASES
from verification.paths import validate_path


def judged(path, **changes):
    material = {"intermediates": path.intermediates, "anchors": path.anchors, "at": path.at}
    options = {"crls": (), "purpose": "any", "require_revocation": False}
    return validate_path(path.leaf, **material | options | changes)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_path_ends_as_its_rule_says(case):
    outcome = judged(case.build())
    assert outcome.reason_code == case.reason, (case.build.__doc__, outcome)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_order_of_the_pool_changes_no_verdict(case):
    path = case.build()
    backwards = judged(path, intermediates=path.intermediates[::-1])
    assert backwards.verdict is judged(path).verdict
