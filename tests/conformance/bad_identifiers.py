"""Identifiers typed in: mistyped, made up, or of licences that are over."""

from tests.conformance.cases import Shown, bad_licence
from tests.conformance.world import DeadSource, MemoryRegister


@bad_licence(finds="identifier.check_character")
def identifier_mistyped(world):
    """Two characters of the serial changed places."""
    identifier = world.record.identifier
    assert "A1B2" in identifier
    return _asked(world, identifier.replace("A1B2", "1AB2"))


@bad_licence(finds="identifier.malformed")
def identifier_with_too_few_parts(world):
    """The identifier has no version and no check character."""
    return _asked(world, world.record.identifier.rsplit(".", 2)[0])


@bad_licence(finds="identifier.not_found")
def identifier_made_up(world):
    """Well formed, but the register has no such licence."""
    return Shown(world.record.identifier.encode(), {"register": MemoryRegister()})


@bad_licence(finds="identifier.register_missing", verdict="cannot_say")
def identifier_and_no_register(world):
    """There is no register to ask."""
    return world.record.identifier.encode()


@bad_licence(finds="identifier.register_unavailable", verdict="cannot_say")
def identifier_and_a_register_that_is_down(world):
    """The register does not answer: "not reachable", never "not found"."""
    return Shown(world.record.identifier.encode(), {"register": DeadSource()})


@bad_licence(finds="status.ended")
def identifier_of_an_ended_licence(world):
    """The register says that the licence was revoked."""
    return _asked(world, world.record.identifier, status=1)


@bad_licence(finds="licence.expired")
def identifier_of_an_expired_licence(world):
    """The register says that the licence ran out."""
    return _asked(world, world.record.identifier, valid_until="2026-11-22")


@bad_licence(finds="document.format_unknown")
def text_that_is_nothing(world):
    """A sentence."""
    return "这是一份营业执照".encode()


@bad_licence(finds="document.format_unknown")
def empty_file(world):
    """A file of no bytes."""
    return b""


@bad_licence(finds="document.format_unknown")
def picture_of_a_format_we_do_not_read(world):
    """A GIF."""
    return b"GIF89a" + bytes(100)


def _asked(world, identifier, **entry):
    register = MemoryRegister(world.register_entry(**entry))
    return Shown(identifier.encode(), {"register": register})
