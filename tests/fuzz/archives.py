"""The archive package, read, and judged by somebody who knows its region."""

from functools import cache

from sealkit.formats.archive import MANIFEST, SIGNATURE, build_archive, read_archive
from sealkit.formats.ofd.container import read_package, write_package
from tests.conformance.instants import SIGNED
from tests.conformance.world import World
from tests.fuzz.target import target
from verification.verify import verify

WORLD = World()


def octets(text):
    return text if isinstance(text, bytes) else text.encode()


@cache
def sound():
    """A package of the conformance tests' region."""
    trust = WORLD.region_trust.to_files()
    files = {f"trust/{name}": content for name, content in trust.items()}
    stamp = WORLD.timestamp()
    return build_archive(
        files | {"licence.ofd": WORLD.sound_ofd, "code.txt": octets(WORLD.sound_code)},
        identifier=WORLD.record.identifier,
        at=SIGNED,
        signer=WORLD.signer("receipt"),
        stamp=stamp,
    )


@target(read_archive, max_bytes=200_000)
def archive_package(foreign):
    """A package as it comes, and what is said of it."""
    found = read_archive(foreign)
    assert not {MANIFEST, SIGNATURE} & set(found.files)
    report = verify(foreign, trust=WORLD.trust, status=None, log=None, register=None, at=SIGNED)
    assert report.verdict.value != "valid"  # nobody enclosed its state and place in the log


@target(max_bytes=8192)
def archive_manifest(foreign):
    """The manifest of a package that is sound but for it."""
    entries = dict(read_package(sound()).entries)
    read_archive(write_package(entries | {MANIFEST: foreign}))
