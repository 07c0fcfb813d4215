from dataclasses import replace

from issuance import status, status_repository
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
