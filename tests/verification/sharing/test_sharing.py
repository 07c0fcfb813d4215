"""The sharing interfaces: search, retrieve, download, verify, and codes that count once."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from sealkit.errors import MalformedError
from sealkit.record import Holder
from tests.conformance.instants import AT
from tests.conformance.ofd_builder import sealed, unsealed
from tests.conformance.world import KIND_CODE, MemoryRegister, World
from tests.verification.certificate_free.conftest import (
    KeyedDigest,
    MemoryAudit,
    MemoryLicences,
    Officer,
)
from tests.verification.presentations.conftest import MemoryDocuments
from verification.certificate_free.consent import Basis, BasisKind
from verification.certificate_free.consents import Terms, give_consent
from verification.certificate_free.holdings import MAX_LICENCES
from verification.certificate_free.use_log import uses_of
from verification.errors import (
    ExpiredUseCodeError,
    NotEntitledError,
    OriginalNotSharedError,
    OtherConsentError,
    OverAskingError,
    SourceUnavailableError,
    SpentConsentError,
    SpentUseCodeError,
    UnknownUseCodeError,
)
from verification.ports import HeldDocument, VerificationServices
from verification.sharing import searching, use_codes, verifying
from verification.sharing.routes import router
from verification.sharing.schemas import found_members
from verification.sharing.searching import Search
from verification.sharing.verifying import DataAnswer, FileAnswer, ShownData
from verification.tables import metadata
from verification.tables import use_codes as table

ITEM = "company_address_change"
DUTY = Basis(BasisKind.STATUTORY_DUTY, "《行政许可法》第三十条")


@pytest.fixture(scope="session")
def world():
    return World("650000")


@pytest.fixture(scope="session")
def holder(world):
    return world.record.holders[0]


@pytest.fixture
def make_services(world, holder):
    def make(**changes):
        held = HeldDocument(world.record.identifier, world.sound_ofd)
        members = {
            "trust": lambda: world.trust,
            "clock": lambda: AT,
            "region": "650000",
            "status": world.sound_status,
            "log": None,
            "register": lambda session: MemoryRegister(world.register_entry()),
            "licences": MemoryLicences({(KIND_CODE, holder.code): (held,)}),
            "receipt_signer": world.signer("receipt"),
            "audit": MemoryAudit(),
            "holders": KeyedDigest(),
            "documents": MemoryDocuments({world.record.identifier: world.sound_ofd}),
        }
        return VerificationServices(**members | changes)

    return make


@pytest.fixture
def services(make_services):
    return make_services()


@pytest.fixture
def officer():
    return Officer()


@pytest.fixture
def owner(holder):
    return Officer(id="holder-1", roles=frozenset({"holder"}), identified_as=holder)


@pytest.fixture
def listed(services):
    """What the item lists of a business licence."""
    return services.items[ITEM].fields


@pytest.fixture
def asked(holder):
    return Search(holder, KIND_CODE, ITEM, (), "CASE-1", "窗口3", "变更地址", DUTY)


class Desk:
    """One case system, and its operator."""

    def __init__(self, session, services, officer):
        self.session, self.services, self.officer = session, services, officer

    def search(self, asked, actor=None):
        return searching.search(
            self.session, asked, actor=actor or self.officer, services=self.services, at=AT
        ).found

    def fetch(self, code, operator="窗口3", *, after=timedelta(), actor=None, original=False):
        return searching.fetch(
            self.session,
            code,
            operator,
            actor=actor or self.officer,
            services=self.services,
            at=AT + after,
            original=original,
        )


@pytest.fixture
def desk(session, services, officer):
    return Desk(session, services, officer)


@pytest.fixture
def session():
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


def test_a_search_finds_the_licence_and_says_no_value_of_it(desk, asked, world):
    (found,) = desk.search(asked)
    told = str(found_members(found))
    assert found.report.verdict == "valid"
    assert world.record.number not in told
    assert world.record.holders[0].name not in told


def test_a_search_for_somebody_without_licences_finds_none(desk, asked):
    stranger = Holder("昆仑示例商贸有限公司", "91650100MA99999999", "001")
    assert desk.search(replace(asked, holder=stranger)) == ()


def test_a_code_fetches_once_for_its_operator_and_the_holder_sees_it(
    desk, asked, session, services, holder
):
    (found,) = desk.search(asked)
    with pytest.raises(UnknownUseCodeError):
        desk.fetch(found.use_code, "窗口4")
    with pytest.raises(UnknownUseCodeError):
        desk.fetch(found.use_code, actor=Officer(department="11650000PRJ000655M"))
    fetched = desk.fetch(found.use_code)
    assert fetched.report.verdict == "valid"
    with pytest.raises(SpentUseCodeError):
        desk.fetch(found.use_code)
    (use,) = uses_of(session, holder, services)
    assert (use["item"], use["basis"], use["case_number"]) == (ITEM, "statutory_duty", "CASE-1")


def test_a_code_over_a_day_old_fetches_nothing(desk, asked):
    (found,) = desk.search(asked)
    with pytest.raises(ExpiredUseCodeError):
        desk.fetch(found.use_code, after=timedelta(hours=24))


def test_the_holder_takes_a_code_back(desk, asked, session, services, owner):
    (found,) = desk.search(asked)
    (kept,) = use_codes.codes_of(session, actor=owner, services=services)
    for _ in range(2):
        taken = use_codes.withdraw(session, kept.id, actor=owner, services=services, at=AT)
    assert taken.withdrawn_at is not None
    with pytest.raises(UnknownUseCodeError):
        desk.fetch(found.use_code)
    other = replace(owner, identified_as=replace(owner.identified_as, code="91650100MA99999999"))
    with pytest.raises(UnknownUseCodeError):
        use_codes.withdraw(session, kept.id, actor=other, services=services, at=AT)


def test_nothing_is_fetched_that_the_item_does_not_list(desk, asked):
    for over in (("title.area",), ("licence.capital",)):
        with pytest.raises(OverAskingError):
            desk.search(replace(asked, fields=over))
    with pytest.raises(OverAskingError):
        desk.search(replace(asked, kind_code="11100000000013127D001"))


def test_the_sealed_file_goes_out_for_a_statutory_duty_only(desk, asked, world):
    form = Basis(BasisKind.SIGNED_FORM, "FORM-7")
    with pytest.raises(OriginalNotSharedError):
        desk.search(replace(asked, original=True, basis=form))
    (plain,) = desk.search(asked)
    with pytest.raises(OriginalNotSharedError):
        desk.fetch(plain.use_code, original=True)
    (found,) = desk.search(replace(asked, original=True))
    assert desk.fetch(found.use_code, original=True).document == world.sound_ofd


def test_a_consent_is_held_to_its_terms_and_spent(desk, asked, session, services, owner):
    terms = Terms((ITEM,), (), (desk.officer.department,), AT, AT + timedelta(days=1))
    consent, code = give_consent(session, terms, actor=owner, services=services, at=AT)
    by_consent = replace(asked, basis=Basis(BasisKind.HOLDER_CONSENT, code))
    (found,) = desk.search(by_consent)
    assert desk.fetch(found.use_code).code.basis_reference == consent.id
    with pytest.raises((OtherConsentError, SpentConsentError)):
        desk.search(replace(by_consent, case_number="CASE-2"))


def test_a_licence_that_is_gone_or_unreadable_fetches_nothing(desk, asked, world):
    documents = desk.services.documents.documents
    for content, error in ((b"%PDF-1.7 cut", SourceUnavailableError), (None, UnknownUseCodeError)):
        (found,) = desk.search(asked)
        documents[world.record.identifier] = content
        with pytest.raises(error):
            desk.fetch(found.use_code)


def test_only_officers_ask(desk, asked, owner):
    with pytest.raises(NotEntitledError):
        desk.search(asked, actor=owner)


def test_no_code_and_no_name_is_kept(desk, asked, session, services, holder):
    (found,) = desk.search(asked)
    kept = str(session.execute(table.select()).all()) + str(services.audit.acts)
    for secret in (found.use_code, holder.name, holder.code):
        assert secret not in kept


def shown(world, **changes):
    holder = world.record.holders[0]
    sound = ShownData(KIND_CODE, world.record.number, holder, {"capital": "壹佰万元整"})
    return replace(sound, **changes)


def data_answer(session, services, officer, data):
    return verifying.verify_data(session, data, actor=officer, services=services, at=AT)


def test_data_are_verified_in_the_order_of_the_result_codes(
    session, services, officer, world, holder
):
    cases = {
        DataAnswer.RIGHT: shown(world),
        DataAnswer.INCOMPLETE: shown(world, number=""),
        DataAnswer.NOT_FOUND: shown(world, number="91650100MA7XXXXXXX"),
        DataAnswer.OTHER_HOLDER: shown(world, holder=replace(holder, name="天池示例科技有限公司")),
        DataAnswer.DIFFERS: shown(world, fields={"法定代表人": "别人"}),
    }
    for answer, data in cases.items():
        assert data_answer(session, services, officer, data) is answer


@pytest.mark.parametrize(
    ("slot", "answer"),
    [
        (1, DataAnswer.ENDED),
        (2, DataAnswer.SUSPENDED),
        (3, DataAnswer.ENDED),
        (12, DataAnswer.RIGHT),
    ],
)
def test_the_state_decides_when_all_else_is_right(
    session, make_services, officer, world, slot, answer
):
    services = make_services(status=world.status(slot))
    assert data_answer(session, services, officer, shown(world)) is answer


def test_a_licence_not_in_force_yet_and_a_file_of_ours_that_fails_have_answers_of_their_own(
    session, make_services, officer, world, holder
):
    early = replace(world.record, valid_from="2026-12-24")
    held = HeldDocument(early.identifier, sealed(world, unsealed(early)))
    licences = MemoryLicences({(KIND_CODE, holder.code): (held,)})
    services = make_services(licences=licences, register=None)
    assert data_answer(session, services, officer, shown(world)) is DataAnswer.NOT_IN_FORCE
    listed = world.trust_with(authorities=(replace(world.authority, kind_codes=()),))
    with pytest.raises(SourceUnavailableError):
        data_answer(session, make_services(trust=lambda: listed), officer, shown(world))


def test_a_state_that_cannot_be_had_is_no_answer(session, make_services, officer, world):
    with pytest.raises(SourceUnavailableError):
        data_answer(session, make_services(status=None), officer, shown(world))


def test_of_very_many_licences_a_bounded_number_is_looked_at(
    session, make_services, officer, world, holder
):
    other = HeldDocument("CN-OTHER", b"")
    held = HeldDocument(world.record.identifier, world.sound_ofd)
    for documents, answer in (
        ([*[other] * (MAX_LICENCES - 1), held, other], DataAnswer.RIGHT),
        ([*[other] * MAX_LICENCES], DataAnswer.NOT_FOUND),
        ([*[other] * MAX_LICENCES, held], None),
    ):
        licences = MemoryLicences({(KIND_CODE, holder.code): tuple(documents)})
        services = make_services(licences=licences)
        if answer is None:
            with pytest.raises(SourceUnavailableError):
                data_answer(session, services, officer, shown(world))
        else:
            assert data_answer(session, services, officer, shown(world)) is answer


@pytest.mark.parametrize(
    ("slot", "state"), [(0, "active"), (1, "ended"), (2, "suspended"), (3, "ended")]
)
def test_a_genuine_file_passes_and_its_state_is_told_beside(
    session, make_services, world, slot, state
):
    services = make_services(status=world.status(slot))
    report = verifying.verify_file(session, world.sound_ofd, services)
    assert verifying.file_answer(report) is FileAnswer.PASSED
    assert verifying.state_text(report) == state


def test_a_broken_file_and_a_forged_seal_have_their_own_numbers(session, services, world):
    broken = verifying.verify_file(session, world.sound_ofd[:-40], services)
    assert verifying.file_answer(broken) is FileAnswer.FILE_FAILED
    forged = verifying.verify_file(session, world.pdf(signer=world.certificate()), services)
    assert verifying.file_answer(forged) is FileAnswer.SEAL_FAILED
    assert verifying.state_text(broken) == "unknown"


def test_over_http_the_envelope_is_what_deployed_systems_expect(
    services, make_services, session, officer, holder
):
    app = FastAPI()
    app.state.verification = services

    @app.middleware("http")
    async def roof(request: Request, call_next):
        request.state.session, request.state.actor = session, officer
        return await call_next(request)

    app.include_router(router)
    cause = {
        "certificateSystemName": "审批系统",
        "orgName": "示例市市场监督管理局",
        "username": "窗口3",
        "itemCode": ITEM,
        "itemName": "变更地址",
        "businessCode": "CASE-9",
        "certificateCopyCause": "办理变更",
        "statutoryBasis": DUTY.reference,
    }
    data = {
        "holderName": holder.name,
        "holderCode": holder.code,
        "holderTypeCode": holder.code_type,
        "certTypeCode": KIND_CODE,
        "useCause": cause,
    }
    client = TestClient(app)
    found = client.post("/v1/sharing/queryCertInfoByHolderCode", json={"data": data}).json()
    assert found["head"]["status"] == 0
    code = {"authCode": found["data"][0]["authCode"], "username": "窗口3"}
    fetched = client.post("/v1/sharing/queryCertInfo", json={"data": code}).json()
    assert fetched["data"]["state"] == "active"
    for missing in ("businessCode", "certificateCopyCause", "username", "itemCode"):
        less = data | {"useCause": {name: cause[name] for name in cause if name != missing}}
        answer = client.post("/v1/sharing/queryCertInfoByHolderCode", json={"data": less})
        assert answer.status_code == 422
    held = services.licences.held(session, kind_code=KIND_CODE, holder=holder)
    many = MemoryLicences({(KIND_CODE, holder.code): held * (searching.MAX_LICENCES + 1)})
    app.state.verification = make_services(licences=many)
    found = client.post("/v1/sharing/queryCertInfoByHolderCode", json={"data": data}).json()
    assert len(found["data"]) == searching.MAX_LICENCES
    assert "仅列出前 16 份" in found["head"]["message"]
    file = {"data": {"fileContent": base64.b64encode(b"no licence").decode()}}
    assert client.post("/v1/sharing/verifyFile", json=file).json()["data"]["result"] == 2
    with pytest.raises(MalformedError):
        client.post("/v1/sharing/verifyFile", json={"data": {"fileContent": "!"}})
