"""Does everything that a licence says agree: page, metadata, record, identifier, register.

The record (attachment ``licence.json``) is the measure. `LicenceRecord.metadata` and
`printed_form` derive the other copies from it, so they are derived again and compared.
A value that differs is named by its short name, and never quoted: reports travel further
than licences.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sealkit.errors import MalformedError
from sealkit.formats.code.credential import CodeClaims
from sealkit.identifiers import parse_identifier
from sealkit.record import HOLDER_SEPARATOR, LicenceRecord, printed_form
from sealkit.sm import sm3
from verification.checks.sources import Outcomes
from verification.errors import LicenceElsewhereError, SourceUnavailableError
from verification.ports import RegisterEntry, RegisterSource
from verification.report import Finding, Outcome, Severity, Unchecked

MUST_BE_VISIBLE: Final = ("ZZMC", "ZZBH", "ZZBFJG")
"""Name of the licence, number and issuer: no licence is one without showing them."""
_HOLDERS: Final = "CZZT"

_LIST_MARKS: Final = str.maketrans("", "", HOLDER_SEPARATOR + "、，,｜")


def check_visible_text(tagged: Mapping[str, Sequence[str]], record: LicenceRecord) -> Outcomes:
    """Every field that the page marks reads as the record has it.

    `tagged` holds, by short name, the texts of the objects that print the field, in
    reading order; a long value may stand in several lines.
    """
    wanted = record.metadata()
    differing = [
        name
        for name, texts in tagged.items()
        if name not in wanted or not _reads_as(texts, wanted[name])
    ]
    for name in differing:
        yield Finding("content.text_differs", Severity.ERROR, {"field": name})
    if not differing:
        yield from _check_shown(tagged, record)


def _check_shown(tagged: Mapping[str, Sequence[str]], record: LicenceRecord) -> Outcomes:
    wanted = record.metadata()
    values = {wanted[name] for name in tagged}
    for name in MUST_BE_VISIBLE:
        # A number is often a business field as well, and printed under that name.
        if wanted[name] not in values:
            yield Finding("content.text_untagged", Severity.ERROR, {"field": name})
    # Kinds print holders under different fields, so their names may stand in any of them.
    shown = [_squeezed("".join(texts)) for texts in tagged.values()]
    for holder in record.holders:
        if not any(_squeezed(holder.name) in text for text in shown):
            yield Finding("content.text_untagged", Severity.ERROR, {"field": _HOLDERS})


def check_metadata(found: Mapping[str, str], record: LicenceRecord) -> Outcomes:
    """CustomDatas repeat the record, no value more, none less, none other."""
    wanted = record.metadata()
    for name in sorted(wanted.keys() | found.keys()):
        if found.get(name) != wanted.get(name):
            yield Finding("content.metadata_differs", Severity.ERROR, {"field": name})


@dataclass(frozen=True, slots=True)
class Named:
    """What a licence says besides its identifier that the identifier repeats."""

    identifier: str
    kind_code: str
    issuer_code: str
    edition: int

    @classmethod
    def by(cls, record: LicenceRecord) -> "Named":
        """Return what `record` says."""
        return cls(record.identifier, record.kind_code, record.issuer_code, record.edition)


def check_identifier(named: Named) -> Outcomes:
    """The identifier is well formed and names this kind, issuer and edition."""
    evidence = {"identifier": named.identifier}
    try:
        parsed = parse_identifier(named.identifier)
    except MalformedError as error:
        evidence["reason"] = str(error)
        yield Finding("content.identifier_differs", Severity.ERROR, evidence)
        return
    if parsed.legacy_check:
        yield Finding("identifier.legacy_check", Severity.WARNING, evidence)
    parts = parsed.identifier
    repeated = (parts.type_code, parts.issuer_code, parts.version)
    # Reading is lenient about case and white space; a record is not.
    canonical = named.identifier == named.identifier.strip().upper()
    if repeated != (named.kind_code, named.issuer_code, named.edition) or not canonical:
        yield Finding("content.identifier_differs", Severity.ERROR, evidence)


def check_register(
    record: LicenceRecord, register: RegisterSource | None, *, seals: int | None
) -> Outcomes:
    """The issuer's register has this very record, and expects no more seals than there are.

    `seals` is None where the format tells nothing about a removed seal.
    """
    entry, outcomes = _looked_up(record.identifier, register)
    yield from outcomes
    if register is None and seals is not None:
        yield Unchecked("locked", "only_with_register")
    if entry is None:
        return
    evidence = {"identifier": record.identifier}
    if entry.record_digest != sm3.digest(record.to_json()):
        yield Finding("content.register_differs", Severity.ERROR, evidence)
    if seals is not None and seals < entry.seal_count:
        evidence |= {"found": str(seals), "registered": str(entry.seal_count)}
        yield Finding("content.seals_missing", Severity.ERROR, evidence)


def check_code_register(claims: CodeClaims, register: RegisterSource | None) -> Outcomes:
    """The register has the record that the code was made from."""
    entry, outcomes = _looked_up(claims.identifier, register)
    yield from outcomes
    if entry is not None and not entry.record_digest.startswith(claims.record_digest):
        evidence = {"identifier": claims.identifier}
        yield Finding("content.register_differs", Severity.ERROR, evidence)


def _looked_up(
    identifier: str, register: RegisterSource | None
) -> tuple[RegisterEntry | None, tuple[Outcome, ...]]:
    if register is None:
        return None, (Unchecked("register", "no_source"),)
    try:
        entry = register.entry(identifier)
    except LicenceElsewhereError:
        return None, (Unchecked("register", "other_region"),)
    except SourceUnavailableError:
        evidence = {"identifier": identifier}
        return None, (Finding("content.register_unavailable", Severity.UNKNOWN, evidence),)
    if entry is None:
        evidence = {"identifier": identifier}
        return None, (Finding("content.register_unknown", Severity.ERROR, evidence),)
    return entry, ()


def _reads_as(texts: Iterable[str], value: str) -> bool:
    """Whether the printed lines together say `value`; several holders may stand apart."""
    printed = "".join(printed_form(part) for part in value.split(HOLDER_SEPARATOR))
    return _squeezed("".join(texts)) == _squeezed(printed)


def _squeezed(text: str) -> str:
    """Return `text` without what only sets it: white space, list marks, forms of one letter."""
    folded = unicodedata.normalize("NFC", text).translate(_LIST_MARKS)
    return "".join(folded.split())
