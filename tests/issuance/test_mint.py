"""From application to published licence, with real keys, files, log and verifier."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from issuance import mint, repository, sealing, status, tables
from issuance.errors import (
    NotEntitledError,
    NumberTakenError,
    RefusedByVerifierError,
    SealNotUsableError,
    TransitionError,
    UnknownApplicationError,
)
from issuance.licence_record import data_of, record_of
from issuance.seals.register import seals_of, uses_of
from issuance.seals.using import freeze_seal
from issuance.states import ApplicationState, EditionState
from issuance.status_lists.publishing import ListForm, published_list
from sealkit.identifiers import parse_identifier
from sealkit.sm import sm3
from sealkit.status_list import parse_token
from tests.issuance.world import (
    AT,
    CIVIL,
    ISSUERS,
    LAND,
    MARKET,
    actor,
    clerk,
    example,
    reviewer,
)
from verification.report import Verdict
from verification.verify import verify

KINDS = sorted(ISSUERS)


class Published:
    """What the world sees of this region: its status lists and its proofs."""

    def __init__(self, world, at=AT):
        self._world = world
        self._at = at

    def token(self, uri):
        services = self._world.services
        name = status.own_list_name(services.public_url, uri)
        with self._world.writing() as session:
            return published_list(session, services, name, ListForm.CWT, at=self._at)

    def proof(self, identifier):
        with self._world.writing() as session:
            edition = repository.edition_by_identifier(session, identifier)
            file = repository.files(session, edition.key)["proof"]
        return self._world.services.files.get(file.key)


def file_of(world, edition, form):
    with world.writing() as session:
        stored = repository.files(session, edition.key)[form]
    document = world.services.files.get(stored.key)
    assert sm3.digest(document) == stored.digest
    return document


def judged(world, document, at=AT):
    published = Published(world, at)
    return verify(
        document,
        trust=world.services.trust(),
        status=published,
        log=published,
        register=None,
        at=at,
    )


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_becomes_files_that_anyone_finds_valid(world, kind):
    edition = world.mint(kind)
    assert edition.state is EditionState.ACTIVE
    for form in ("ofd", "pdf", "code.txt", "code.png"):
        report = judged(world, file_of(world, edition, form))
        assert report.verdict is Verdict.VALID, (form, report.to_dict()["findings"])


def test_the_record_holds_what_was_applied_for_and_what_minting_fixed(world):
    edition = world.mint("real_estate_certificate")
    record = record_of(world.services.vault, edition)
    assert data_of(record).to_members() == example("real_estate_certificate")
    parsed = parse_identifier(record.identifier)
    assert not parsed.legacy_check
    assert parsed.identifier.issuer_code == LAND == record.issuer_code
    assert len(parsed.identifier.serial) == 20
    assert record.number == "新(2026)乌鲁木齐市不动产权第0012345号"
    assert (record.issued_on, record.valid_from) == ("2026-11-23", "2026-11-18")
    assert record.valid_until == "2085-05-31"
    assert record.status.uri.startswith("https://yinxin.example.cn/v1/status-lists/")
    assert edition.record_digest == sm3.digest(record.to_json())


def test_minting_twice_gives_the_same_licence(world):
    application = world.approve(world.submit())
    first = world.mint_application(application)
    with world.writing() as session:
        files = repository.files(session, first.key)
    again = world.mint_application(application)
    assert again.identifier == first.identifier
    with world.writing() as session:
        assert repository.files(session, first.key) == files
        assert count(session, tables.editions) == 1
        assert world.services.log.size(session) == 1
        assert count(session, tables.seal_uses) == 1
        found = repository.application(session, MARKET, application.id)
        assert found.state is ApplicationState.MINTED


def test_only_an_approved_application_is_minted(world):
    application = world.submit()
    with pytest.raises(TransitionError) as caught:
        world.mint_application(application)
    assert caught.value.state == "submitted"


def test_another_department_does_not_even_see_the_application(world):
    application = world.approve(world.submit())
    with world.writing() as session, pytest.raises(UnknownApplicationError):
        mint.mint(session, world.services, application.id, actor=clerk(CIVIL), at=AT)


def test_an_auditor_does_not_mint(world):
    application = world.approve(world.submit())
    with world.writing() as session, pytest.raises(NotEntitledError):
        mint.mint(session, world.services, application.id, actor=actor("a", "auditor"), at=AT)


def test_a_number_in_force_is_not_given_twice(world):
    world.mint()
    second = world.approve(world.submit(key="key-00000002"))
    with pytest.raises(NumberTakenError):
        world.mint_application(second)
    with world.writing() as session:
        assert count(session, tables.editions) == 1
        assert count(session, tables.plans) == 1
        assert count(session, tables.status_slots) == 1


def test_the_seal_use_is_recorded_with_the_digest_of_the_document(world):
    edition = world.mint()
    with world.writing() as session:
        seal = seals_of(session, MARKET)[0]
        (use,) = uses_of(session, MARKET, seal.id)
    assert use.document_digest == sm3.digest(file_of(world, edition, "ofd"))
    assert (use.serial, use.version, use.form) == (edition.serial, 1, "ofd")
    assert (use.operator, use.approver) == (clerk().id, reviewer().id)


def test_nothing_is_planned_without_a_seal_to_use(world):
    application = world.approve(world.submit())
    with world.writing() as session:
        seal = seals_of(session, MARKET)[0]
        keeper = actor("keeper", "seal_keeper")
        freeze_seal(session, world.services, seal.id, actor=keeper, at=AT)
    with pytest.raises(SealNotUsableError):
        world.mint_application(application)
    with world.writing() as session:
        assert count(session, tables.plans) == 0
        freeze_seal(session, world.services, seal.id, actor=keeper, at=AT, thaw=True)
    assert world.mint_application(application).state is EditionState.ACTIVE


class Interruption(BaseException):
    """The process dies here."""


class Dying:
    """Stands before a collaborator and dies at one of its calls."""

    def __init__(self, inner, method, calls):
        self._inner = inner
        self._method = method
        self._left = calls

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if name != self._method:
            return found

        def call(*arguments, **named):
            if not self._left:
                raise Interruption
            self._left -= 1
            return found(*arguments, **named)

        return call


CRASHES = [
    ("timestamps", "token_for", 0),
    ("timestamps", "token_for", 1),
    ("files", "put", 0),
    ("files", "put", 3),
    ("files", "put", 4),
    ("audit", "record", 2),
    ("audit", "record", 3),
    ("audit", "record", 4),
    ("log", "append_all", 0),
    ("log", "checkpoint", 0),
    ("log", "proof", 0),
    ("reliance", "organisations", 0),
]


@pytest.mark.parametrize(("part", "method", "calls"), CRASHES[:-1])
def test_a_process_that_dies_anywhere_finishes_the_same_plan_once(world, part, method, calls):
    application = world.approve(world.submit())
    dying = world.with_services(**{part: Dying(getattr(world.services, part), method, calls)})
    with pytest.raises(Interruption):
        dying.mint_application(application)
    later = AT + timedelta(hours=2)
    with world.writing() as session:
        planned = count(session, tables.plans)
        before = session.scalar(select(tables.editions.c.identifier))
        assert all(
            entry.refused is None for entry in mint.resume_plans(session, world.services, at=later)
        )
    world.at = later
    edition = world.mint_application(application)
    assert edition.state is EditionState.ACTIVE
    assert not planned or edition.identifier == before
    with world.writing() as session:
        assert count(session, tables.plans) == count(session, tables.editions) == 1
        assert count(session, tables.status_slots) == 1
        assert count(session, tables.seal_uses) == 1
        assert world.services.log.size(session) == 1
        assert repository.unfinished_plans(session) == []
    assert judged(world, file_of(world, edition, "ofd"), later).verdict is Verdict.VALID


def test_two_processes_that_sign_one_plan_publish_one_of_the_two(world):
    application = world.approve(world.submit())

    class Slow(Dying):
        """Another process finishes the plan while this one is signing."""

        def __getattr__(self, name):
            if name == "token_for" and self._left:
                self._left = 0
                world.mint_application(application)
            return getattr(self._inner, name)

    slow = world.with_services(timestamps=Slow(world.services.timestamps, "token_for", 1))
    edition = slow.mint_application(application)
    assert edition.state is EditionState.ACTIVE
    assert judged(world, file_of(world, edition, "ofd")).verdict is Verdict.VALID
    with world.writing() as session:
        assert count(session, tables.seal_uses) == 1
        assert world.services.log.size(session) == 1


def test_what_our_own_verifier_refuses_is_not_published_and_the_plan_stays(world, monkeypatch):
    application = world.approve(world.submit())
    monkeypatch.setattr(sealing, "seal_package", lambda document, **_named: document)
    with pytest.raises(RefusedByVerifierError) as caught:
        world.mint_application(application)
    assert "signature.absent" in caught.value.detail["findings"]
    monkeypatch.undo()
    with world.writing() as session:
        assert count(session, tables.edition_files) == 0
        assert len(repository.unfinished_plans(session)) == 1
    assert world.mint_application(application).state is EditionState.ACTIVE


def test_a_plan_that_still_cannot_be_finished_says_why_and_holds_up_no_other(world):
    market = world.approve(world.submit())
    land = world.approve(world.submit("real_estate_certificate"))
    dying = world.with_services(timestamps=Dying(world.services.timestamps, "token_for", 0))
    for application in (market, land):
        with pytest.raises(Interruption):
            dying.mint_application(application)
    with world.writing() as session:
        seal = seals_of(session, MARKET)[0]
        freeze_seal(session, world.services, seal.id, actor=actor("k", "seal_keeper"), at=AT)
    with world.writing() as session:
        resumed = mint.resume_plans(session, world.services, at=AT)
    assert {(e.key.issuer_code, e.refused) for e in resumed} == {
        (MARKET, "issuance.seal.not_usable"),
        (LAND, None),
    }


def test_slots_are_live_in_the_published_list(world):
    edition = world.mint()
    record = record_of(world.services.vault, edition)
    token = parse_token(Published(world).token(record.status.uri))
    assert token.uri == record.status.uri
    assert token.statuses.size == 1024
    assert token.statuses.get(record.status.index) == 0


def test_no_number_or_name_of_a_person_stands_in_the_database_or_on_disk(world, tmp_path):
    world.mint("marriage_certificate")
    world.mint("real_estate_certificate")
    world.database.close()
    for file in (path for path in tmp_path.rglob("*") if path.is_file()):
        content = file.read_bytes()
        for secret in ("650105199003152018", "650102198504123019", "热合曼·吐尔逊", "张明远"):
            assert secret.encode() not in content, (file.name, secret)


def test_a_licence_without_the_second_pdf_signature(world):
    names = replace(world.services.key_names, pdf_signer_ecdsa=None)
    edition = world.with_services(key_names=names).mint()
    assert judged(world, file_of(world, edition, "pdf")).verdict is Verdict.VALID
