"""A plan says what its kind needs, and nothing that has no place in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.ceremonies.plan import Kind, parse_plan
from ca.errors import CeremonyPlanError
from tests.ca.ceremonies.room import LIST_PLAN, OWN_KEY, ROOT_PLAN, SUB_CA_PLAN

REVOKE = '[revoke]\nserial = "0a"\nreason = "{reason}"\n'
REVOCATION_PLAN = LIST_PLAN.replace('"list"', '"revocation"')


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        (ROOT_PLAN, Kind.ROOT),
        (SUB_CA_PLAN + OWN_KEY, Kind.SUB_CA),
        (SUB_CA_PLAN + 'request = "a.csr"', Kind.SUB_CA),
        (LIST_PLAN, Kind.LIST),
        (REVOCATION_PLAN + REVOKE.format(reason="superseded"), Kind.REVOCATION),
    ],
)
def test_whole_plans_are_read(plan, kind):
    assert parse_plan(plan.encode()).kind is kind


@pytest.mark.parametrize(
    ("plan", "member"),
    [
        (ROOT_PLAN.replace('["乙", "丙"]', '["乙"]'), "witnesses"),
        (ROOT_PLAN.replace('["乙", "丙"]', '["乙", "甲"]'), "witnesses"),
        (ROOT_PLAN.replace("threshold = 2", "threshold = 4"), "holders"),
        (ROOT_PLAN.replace("threshold = 2", "threshold = 1"), "threshold"),
        (ROOT_PLAN.replace("threshold = 2", ""), "threshold"),
        (ROOT_PLAN.replace('["丁", "戊", "己"]', '["丁", "丁", "丁"]'), "holders"),
        (ROOT_PLAN.replace('CN = "示例根"', ""), "subject"),
        (ROOT_PLAN + 'emailAddress = "a@example.cn"', "subject"),
        (ROOT_PLAN.replace("years = 20", "years = 31"), "years"),
        (ROOT_PLAN.replace("years = 20", "year = 20"), "year"),
        (ROOT_PLAN.replace("years", 'root_keystore = "x"\nyears'), "root_keystore"),
        (ROOT_PLAN.replace('"650000"', '"65"'), "region"),
        (SUB_CA_PLAN, "holders"),
        (SUB_CA_PLAN.replace('root_keystore = "root.sealed"', "") + OWN_KEY, "root_keystore"),
        (SUB_CA_PLAN + 'request = "a.csr"' + OWN_KEY, "holders"),
        (LIST_PLAN.replace('previous_list = "root.crl"', ""), "previous_list"),
        (LIST_PLAN + 'request = "a.csr"', "request"),
        (LIST_PLAN + REVOKE.format(reason="superseded"), "revoke"),
        (REVOCATION_PLAN, "revoke"),
        (REVOCATION_PLAN + REVOKE.format(reason="hold"), "revoke.reason"),
        ("kind = ", "plan"),
    ],
)
def test_a_plan_with_a_mistake_is_refused_by_the_member_that_is_wrong(plan, member):
    with pytest.raises(CeremonyPlanError) as refused:
        parse_plan(plan.encode())
    assert refused.value.member == member


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_a_plan_or_refused(content):
    with pytest.raises(CeremonyPlanError):
        parse_plan(content)
