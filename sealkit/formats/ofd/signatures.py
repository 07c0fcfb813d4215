"""Seals found in a document (电子签章), as facts: nothing here is a verdict.

Each signature is read over its own bytes; what it covers, what changed and what it leaves
out are listed side by side, so that every cause of refusal can be told from the others.

What no reader can see here: the last seal of an unlocked document, taken off together with
its entry in the list, leaves a document in which everything holds. Only a record kept
outside, of how many seals there were, shows it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sealkit import oids
from sealkit.asn1 import cms
from sealkit.asn1.cms import SignedData
from sealkit.asn1.ses import SealSignature, parse_signature
from sealkit.errors import MalformedError
from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.model import OFDDocument
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.reading import Problem, Reader
from sealkit.formats.ofd.signature_file import (
    Digests,
    Reference,
    SignatureFile,
    StampAnnot,
    read_signature_file,
)

__all__ = [
    "AppliedSeal",
    "Reference",
    "SignatureList",
    "StampAnnot",
    "highest_number",
    "read_signatures",
    "unreachable",
]

MAX_SIGNATURES: Final = 50
MAX_REFERENCES_IN_ALL: Final = 20_000
"""In all signatures of a document."""
SM3_METHODS: Final = frozenset({oids.SM3, "SM3", "sm3"})
SEAL: Final = "Seal"
SIGN: Final = "Sign"

_NUMBERED: Final = re.compile(r"s?([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class AppliedSeal:
    """One signature of a document, unverified."""

    id: str
    type: str
    """`SEAL`, or `SIGN` for a signature without a seal."""
    path: str
    """Entry name of its Signature.xml."""
    signature_xml: bytes = field(repr=False)
    provider: str
    """ProviderName as written: the program that signed."""
    method: str
    """SignatureMethod as written."""
    check_method: str | None
    """CheckMethod as written; None when absent."""
    claimed_at: str
    """SignatureDateTime as written, in one of many forms, often without a zone."""
    references: tuple[Reference, ...] = field(repr=False)
    duplicate_references: bool
    value_path: str | None
    """Entry name of SignedValue.dat; None when it is not there."""
    value: bytes = field(repr=False)
    signature: SealSignature | None = field(repr=False)
    """The parsed value; None when it is not a seal signature."""
    message: SignedData | None = field(repr=False)
    """The parsed value of a `SIGN`; None when it is not a signed message."""
    malformed: str | None
    """Why the value could not be read; None when it could."""
    seal_file: bytes | None = field(repr=False)
    """The loose Seal.esl; None when none is named, or it is not there."""
    seal_path: str | None
    """Entry name of the loose seal file, when one is named."""
    stamps: tuple[StampAnnot, ...]
    uncovered: tuple[str, ...]
    """Entries it had to cover and does not."""
    locks: bool
    """It covers the list of signatures, so that none can be added."""

    @property
    def digest_method_is_sm3(self) -> bool:
        """Whether CheckMethod names SM3; absent means MD5 and is not SM3."""
        return self.check_method in SM3_METHODS


@dataclass(frozen=True, slots=True)
class SignatureList:
    """Every signature of a document and the files that belong to them."""

    seals: tuple[AppliedSeal, ...]
    files: frozenset[str]
    """Entries of the list and of all signatures."""
    problems: tuple[Problem, ...]
    """Broken rules of the list and of its signatures: stable code and detail."""
    highest_number: int = 0
    """The highest number given so far to a signature or a stamp."""


@dataclass(frozen=True, slots=True)
class _Listed:
    id: str
    type: str
    path: str


@dataclass(frozen=True, slots=True)
class _List:
    signatures: tuple[_Listed, ...]
    highest_ids: tuple[str, ...]
    """MaxSignId as written, of which there should be one."""


def read_signatures(document: OFDDocument) -> SignatureList:
    """Read every signature of `document`.

    Raises:
        OFDError: if the list or a Signature.xml cannot be followed.
    """
    path = document.signatures_path
    if path is None:
        return SignatureList((), frozenset(), ())
    reader = Reader(document.package.entries)
    listing = _read_list(reader, path)
    files = _read_files(reader, listing)
    digests = Digests(document.package.entries)
    seals = tuple(
        _applied(document, listed, file, digests, _required(document, files, number))
        for number, (listed, file) in enumerate(zip(listing.signatures, files, strict=True))
    )
    for problem in _problems(document, listing, files, seals):
        reader.problem(*problem)
    return SignatureList(
        seals,
        frozenset({path}).union(*(file.files for file in files)),
        tuple(reader.problems),
        max(highest_number(*listing.highest_ids), _highest_used(seals)),
    )


def unreachable(document: OFDDocument, signatures: SignatureList) -> tuple[str, ...]:
    """Return the entries that nothing refers to (夹带文件)."""
    known = document.reachable | signatures.files
    return tuple(name for name in document.package.entries if name not in known)


def highest_number(*identifiers: str) -> int:
    """Return the highest number among identifiers such as ``s012`` or ``12``; at least 0."""
    found = (_NUMBERED.fullmatch(identifier) for identifier in identifiers)
    return max((int(match[1]) for match in found if match), default=0)


def _read_list(reader: Reader, path: str) -> _List:
    root = reader.tree(path)
    listed = xml.children(root, "Signature")
    if not xml.is_called(root, "Signatures") or len(listed) > MAX_SIGNATURES:
        raise OFDError("ofd.signatures", f"no list, or {len(listed)} signatures")
    signatures = tuple(
        _Listed(
            entry.get("ID", ""), entry.get("Type", SEAL), resolve(entry.get("BaseLoc", ""), path)
        )
        for entry in listed
    )
    if len({signature.path for signature in signatures}) != len(signatures):
        raise OFDError("ofd.signatures", "one signature is listed twice")
    return _List(
        signatures, tuple(xml.text(element) for element in xml.children(root, "MaxSignId"))
    )


def _read_files(reader: Reader, listing: _List) -> list[SignatureFile]:
    files: list[SignatureFile] = []
    references_left = MAX_REFERENCES_IN_ALL
    for listed in listing.signatures:
        files.append(read_signature_file(reader, listed.path))
        references_left -= len(files[-1].covered)
        if references_left < 0:
            raise OFDError("ofd.signatures", "too many references")
    return files


def _required(document: OFDDocument, files: list[SignatureFile], number: int) -> frozenset[str]:
    """Return what signature `number` must cover: all but its own files and later ones'.

    A file of the document stays required when a later signature calls it its own.
    """
    own = files[number]
    later = frozenset().union(*(file.files for file in files[number + 1 :]))
    exempt = (later - document.reachable - own.files) | {own.path, own.value_path}
    exempt |= {document.signatures_path}
    return frozenset(name for name in document.package.entries if name not in exempt)


def _applied(
    document: OFDDocument,
    listed: _Listed,
    file: SignatureFile,
    digests: Digests,
    required: frozenset[str],
) -> AppliedSeal:
    entries = document.package.entries
    references = file.references(digests)
    covered = {reference.name for reference in references}
    value = entries.get(file.value_path or "", b"")
    parsed, message, malformed = _parsed(listed.type, value)
    return AppliedSeal(
        id=listed.id,
        type=listed.type,
        path=file.path,
        signature_xml=file.content,
        provider=file.provider,
        method=file.method,
        check_method=file.check_method,
        claimed_at=file.claimed_at,
        references=references,
        duplicate_references=len(covered) != len(references),
        value_path=file.value_path if file.value_path in entries else None,
        value=value,
        signature=parsed,
        message=message,
        malformed=malformed,
        seal_file=entries.get(file.seal_path or ""),
        seal_path=file.seal_path,
        stamps=file.stamps,
        uncovered=tuple(sorted(required - covered)),
        locks=document.signatures_path in covered,
    )


def _parsed(kind: str, value: bytes) -> tuple[SealSignature | None, SignedData | None, str | None]:
    try:
        if kind == SIGN:
            return None, cms.parse(value), None
        return parse_signature(value), None, None
    except MalformedError as error:
        return None, None, str(error)


def _highest_used(seals: tuple[AppliedSeal, ...]) -> int:
    return highest_number(
        *(seal.id for seal in seals), *(stamp.id for seal in seals for stamp in seal.stamps)
    )


def _problems(
    document: OFDDocument,
    listing: _List,
    files: list[SignatureFile],
    seals: tuple[AppliedSeal, ...],
) -> Iterator[Problem]:
    identifiers = [seal.id for seal in seals]
    if len(set(identifiers)) != len(identifiers) or "" in identifiers:
        yield "signature_id.duplicate", " ".join(identifiers)
    stated = listing.highest_ids
    if len(stated) > 1:
        yield "max_sign_id.repeated", " ".join(stated)
    if stated and highest_number(*stated) < _highest_used(seals):
        yield "max_sign_id.too_low", " ".join(stated)
    for file in files:
        for name in file.repeated:
            yield "signature.element_repeated", f"{file.path}: {name}"
    page_ids = {page.id for page in document.pages}
    for seal in seals:
        if seal.type not in (SEAL, SIGN):
            yield "signature.type", f"{seal.path}: {seal.type}"
        for stamp in seal.stamps:
            if stamp.page_id not in page_ids:
                yield "stamp.page", f"{seal.path}: {stamp.page_id}"
            if stamp.boundary is None:
                yield "stamp.boundary", f"{seal.path}: {stamp.id}"
