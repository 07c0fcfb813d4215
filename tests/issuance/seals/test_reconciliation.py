"""Uses and files, held against each other: whatever is removed, added or changed is named."""

import pytest
from sqlalchemy import delete, insert, select, update

from issuance import repository
from issuance.errors import NotEntitledError, UnknownSealError
from issuance.seals.reconciliation import Difference, reconcile
from issuance.seals.viewing import own_reconciliation, own_seals, uses_page
from issuance.tables import edition_files, seal_uses
from tests.issuance.seals.steps import keeper, seal_of
from tests.issuance.world import CIVIL, MARKET, actor, example

CODES = ("91650100MA7DEM016D", "91650100MA7DEMQ2XX")


@pytest.fixture
def minted(world):
    editions = []
    for number, code in enumerate(CODES):
        data = example("business_licence")
        data["fields"]["uscc"] = data["holders"][0]["code"] = code
        editions.append(world.mint(data=data, key=f"key-0000000{number}"))
    return editions


def found(world, *, spoil=None):
    with world.writing() as session:
        if spoil:
            spoil(session)
        return reconcile(session, world.services.files, MARKET)


def differences(world, *, spoil=None):
    report = found(world, spoil=spoil)
    assert report.differences == len(report.named)
    return [(entry.difference, entry.licence) for entry in report.named]


def of(edition):
    return (
        (seal_uses.c.serial == edition.serial),
        (seal_uses.c.version == edition.version),
    )


def test_every_use_has_its_file_and_every_file_its_use(world, minted):
    report = found(world)
    assert report.agrees
    assert (report.uses, report.documents) == (2, 2)


def test_a_removed_use_is_named_with_its_licence_and_seal(world, minted):
    report = found(world, spoil=lambda s: s.execute(delete(seal_uses).where(*of(minted[0]))))
    (entry,) = report.named
    assert entry.difference is Difference.USE_MISSING
    assert (entry.licence, entry.seal_id) == (minted[0].identifier, seal_of(world).id)
    assert not report.agrees


def test_an_added_use_of_a_licence_that_does_not_exist_is_named(world, minted):
    def add(session):
        row = dict(session.execute(select(seal_uses)).mappings().first())
        session.execute(insert(seal_uses).values(**row | {"id": "U-extra", "serial": "9" * 20}))

    report = found(world, spoil=add)
    (entry,) = report.named
    assert (entry.difference, entry.use_id) == (Difference.USE_WITHOUT_EDITION, "U-extra")
    assert entry.licence == f"{'9' * 20}:001"
    assert report.uses == 3


def test_an_added_use_of_another_seal_is_named(world, minted):
    def add(session):
        query = select(seal_uses).where(*of(minted[1]))
        row = dict(session.execute(query).mappings().first())
        session.execute(insert(seal_uses).values(**row | {"id": "U-x", "seal_id": "DZYZ-other"}))

    assert differences(world, spoil=add) == [(Difference.SEAL_NOT_IN_FILE, minted[1].identifier)]


def test_a_use_recorded_for_another_file_is_named(world, minted):
    def change(session):
        session.execute(update(seal_uses).where(*of(minted[0])).values(document_digest=b"x" * 32))

    assert differences(world, spoil=change) == [(Difference.OTHER_DIGEST, minted[0].identifier)]


def test_a_file_taken_from_the_register_is_named(world, minted):
    def remove(session):
        session.execute(delete(edition_files).where(edition_files.c.serial == minted[0].serial))

    assert differences(world, spoil=remove) == [(Difference.USE_WITHOUT_FILE, minted[0].identifier)]


def test_a_file_taken_from_the_store_is_named(world, minted, tmp_path):
    store, key = world.services.files, _key(world, minted[1])
    store._path(key).unlink()
    assert differences(world) == [(Difference.FILE_NOT_STORED, minted[1].identifier)]


def test_a_file_changed_on_disk_is_named(world, minted):
    path = world.services.files._path(_key(world, minted[1]))
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert differences(world) == [(Difference.FILE_NOT_STORED, minted[1].identifier)]


def test_a_file_exchanged_for_another_licence_is_named(world, minted):
    store = world.services.files
    store.put(_key(world, minted[0]), store.get(_key(world, minted[1])))
    assert differences(world) == [(Difference.FILE_CHANGED, minted[0].identifier)]


def test_another_department_sees_nothing_of_it(world, minted):
    with world.writing() as session:
        report = own_reconciliation(session, world.services, actor=keeper(department=CIVIL))
        assert (report.uses, report.documents, report.agrees) == (0, 0, True)
        with pytest.raises(NotEntitledError):
            own_reconciliation(session, world.services, actor=actor("clerk", "clerk"))


def test_the_owner_sees_every_use_page_by_page(world, minted):
    seal = seal_of(world)
    with world.writing() as session:
        first = uses_page(session, seal.id, after=None, limit=1, actor=keeper())
        second = uses_page(session, seal.id, after=first.next, limit=1, actor=actor("a", "auditor"))
        assert (first.total, second.total) == (2, 2)
        assert second.next is None
        assert {u.serial for u in (*first.uses, *second.uses)} == {e.serial for e in minted}
        with pytest.raises(UnknownSealError):
            uses_page(session, seal.id, after=None, limit=1, actor=keeper(department=CIVIL))
        assert [entry.id for entry in own_seals(session, actor=keeper())] == [seal.id]


def _key(world, edition):
    with world.writing() as session:
        return repository.files(session, edition.key)["ofd"].key
