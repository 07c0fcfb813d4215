"""A printed code proves the licence, not who bears it."""

from tests.conformance.world import MemoryRegister
from verification.presentations.notes import note_on


def test_a_printed_code_comes_with_a_warning(world):
    note = note_on(world.report(world.sound_code.encode()))
    assert "不证明出示人就是持证人" in note.zh


def test_an_identifier_comes_with_another(world):
    register = MemoryRegister(world.register_entry())
    note = note_on(world.report(world.record.identifier.encode(), register=register))
    assert "proves no document" in note.en


def test_a_file_needs_none(world):
    assert note_on(world.report(world.sound_ofd)) is None
