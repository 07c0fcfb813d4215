from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from issuance import lifecycle, repository
from issuance.errors import UnknownLicenceError
from issuance.licence_record import record_of
from issuance.status_lists.slips import status_slip
from sealkit.formats.code import cose
from sealkit.status_slip import parse_slip
from tests.issuance.world import AT, decider
from yinxin import audit


def slip_of(world, edition, at=AT):
    with world.writing() as session:
        fresh = repository.edition(session, edition.key)
        return status_slip(session, world.services, fresh, actor="holder-link", at=at)


def test_a_slip_says_what_the_list_says_and_names_nobody(world):
    edition = world.mint()
    record = record_of(world.services.vault, edition)
    text = slip_of(world, edition)
    first = parse_slip(text)
    first.verify(cose.key_of(world.services.keys.signer("status_signer")))
    assert (first.slot, first.state) == (record.status, 0)
    assert first.expires_at - first.issued_at == timedelta(hours=24)
    assert slip_of(world, edition, AT + timedelta(minutes=4)) == text
    with world.writing() as session:
        lifecycle.suspend(
            session,
            world.services,
            edition.identifier,
            legal_basis="依职权",
            actor=decider(),
            at=AT,
        )
    assert parse_slip(slip_of(world, edition)).state == 2
    with world.writing() as session:
        acts = session.execute(select(audit.audit_records.c.act)).scalars().all()
    assert acts.count("status.slip_given") == 3


def test_what_is_not_published_has_no_slip(world):
    edition = world.mint()
    with world.writing() as session, pytest.raises(UnknownLicenceError):
        status_slip(session, world.services, replace(edition, published_at=None), actor="x", at=AT)
