from dataclasses import replace
from datetime import timedelta

import pytest

from issuance import status, status_repository
from issuance.errors import UnknownStatusDeltaError
from issuance.status_lists.publishing import ListForm, published_delta, published_list
from sealkit.status_delta import parse_delta
from sealkit.status_list import parse_token
from tests.issuance.world import AT, MARKET


def test_slots_are_unique_and_a_list_is_at_most_half_full(world):
    services = replace(world.services, status_list_slots=16)
    with world.writing() as session:
        taken = [status.reserve_slot(session, services, MARKET, at=AT) for _ in range(20)]
        assert len(set(taken)) == 20
        assert [number for number, _slot in taken] == [1] * 8 + [2] * 8 + [3] * 4
        assert all(0 <= slot < 16 for _number, slot in taken)
        assert status_repository.lists(session) == [(MARKET, 1), (MARKET, 2), (MARKET, 3)]


def test_an_address_of_ours_is_told_from_others():
    address = status.list_address("https://a.example.cn", MARKET, 3)
    assert status.own_list_name("https://a.example.cn", address) == f"{MARKET}-3"
    assert status.own_list_name("https://b.example.cn", address) is None


def publish(world, changes, *, at=AT):
    """Set slots one by one in a list that has them."""
    with world.writing() as session:
        if not status_repository.lists(session):
            status_repository.begin_list(session, MARKET, 1, at=at)
        for slot, value in changes:
            status_repository.take_slot(session, MARKET, 1, slot, at=at)
            status_repository.set_slot(session, MARKET, 1, slot, value, at=at)


def published(world, start=None, at=AT):
    with world.writing() as session:
        name = f"{MARKET}-1"
        if start is None:
            return published_list(session, world.services, name, ListForm.CWT, at=at)
        return published_delta(session, world.services, name, start, at=at)


def test_every_change_has_a_version_and_what_does_not_change_has_none(world):
    publish(world, [(5, 0), (5, 2), (5, 2), (6, 1), (5, 0)])
    assert parse_token(published(world)).version == 3
    with world.writing() as session:
        assert status_repository.changes_between(session, MARKET, 1, 0, 2) == {5: 2, 6: 1}
        assert status_repository.changes_between(session, MARKET, 1, 1, 3) == {6: 1, 5: 0}


def test_a_delta_from_any_version_leads_to_the_whole_list(world):
    steps = [(5, 2), (6, 1), (5, 0), (900, 13), (6, 3)]
    lists = []
    for step in steps:
        publish(world, [step])
        lists.append(parse_token(published(world)))
    for earlier in lists:
        delta = parse_delta(published(world, earlier.version))
        assert delta.to_version == lists[-1].version
        assert delta.apply(earlier.statuses) == lists[-1].statuses


def test_what_was_signed_is_handed_out_until_it_changes_or_grows_old(world):
    publish(world, [(5, 2)])
    first = published(world)
    assert published(world, at=AT + timedelta(minutes=4)) == first
    assert parse_token(published(world, at=AT + timedelta(minutes=5))).issued_at > AT
    publish(world, [(6, 1)])
    assert parse_token(published(world)).statuses.get(6) == 1


def test_after_very_many_changes_the_whole_list_is_fetched(world):
    publish(world, [(5, number % 2 + 1) for number in range(5000)])
    with pytest.raises(UnknownStatusDeltaError):
        published(world, 903)
    assert parse_delta(published(world, 904)).changes == {5: 2}
