"""Archiving from the command line, on a machine that has database, files and keys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from issuance import repository
from issuance.archive.making import make_archive
from issuance.entitlement import OPERATOR
from issuance.errors import UnknownLicenceError
from issuance.ports import Actor
from sealkit.formats.archive import renew_archive
from yinxin.context import assembled
from yinxin.settings import Settings


@dataclass(frozen=True, slots=True)
class Step:
    """One edition dealt with."""

    total: int
    made: bool
    """False when its package was there already."""


def export_archives(
    settings: Settings, out: Path, identifiers: Sequence[str] | None, since: datetime | None
) -> Iterator[Step]:
    """Write a package for each edition into `out`, each in a transaction of its own.

    Raises:
        UnknownLicenceError: if there is no such edition.
    """
    with assembled(settings) as context:
        trust = context.trust.gathered(at=context.now())
        services = replace(context.archive, trust=lambda: trust)
        with context.database.reading() as session:
            named = list(identifiers or repository.published_since(session, since))
        for identifier in named:
            file = out / f"{identifier}.zip"
            if file.exists():
                yield Step(len(named), made=False)
                continue
            with context.database.reading() as session:
                found = repository.edition_by_identifier(session, identifier)
            if found is None:
                raise UnknownLicenceError
            actor = Actor(OPERATOR, OPERATOR, found.issuer_code, frozenset({OPERATOR}))
            content = make_archive(
                context.database.writing, services, identifier, actor=actor, at=context.now()
            )
            unfinished = file.with_suffix(".part")
            unfinished.write_bytes(content)
            unfinished.rename(file)
            yield Step(len(named), made=True)


def stamped_again(settings: Settings, package: bytes) -> bytes:
    """Return the package with a timestamp of now.

    Raises:
        MalformedError: if it is none, or not whole.
    """
    with assembled(settings) as context:
        own = context.trust.gathered(at=context.now()).region(settings.region)
        return renew_archive(
            package,
            lambda content: context.issuance.timestamps.token_for(content, at=context.now()),
            own.crls if own else (),
        )
