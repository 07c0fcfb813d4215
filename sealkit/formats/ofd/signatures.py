"""Seals found in a document (电子签章), as facts: nothing here is a verdict.

Each signature is read over its own bytes; what it covers, what changed and what it leaves
out are listed side by side, so that every cause of refusal can be told from the others.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from sealkit import oids
from sealkit.asn1.ses import SealSignature, parse_signature
from sealkit.errors import MalformedError
from sealkit.formats.ofd import xml
from sealkit.formats.ofd.container import Package
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.model import OFDDocument
from sealkit.formats.ofd.paths import resolve
from sealkit.sm import sm3

MAX_SIGNATURES: Final = 100
MAX_REFERENCES: Final = 5000
SM3_METHODS: Final = frozenset({oids.SM3, "SM3", "sm3"})
DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Reference:
    """One file that a signature covers."""

    name: str
    """Entry name, without leading slash."""
    digest: bytes | None
    """What the signature says of it; None when that is no base64."""
    matches: bool
    present: bool


@dataclass(frozen=True, slots=True)
class StampAnnot:
    """Where the picture of a seal is drawn."""

    page_id: str
    boundary: str
    clip: str | None


@dataclass(frozen=True, slots=True)
class AppliedSeal:
    """One signature of a document, unverified."""

    id: str
    type: str
    """``"Seal"`` or ``"Sign"``."""
    path: str
    """Entry name of its Signature.xml."""
    signature_xml: bytes = field(repr=False)
    method: str
    """SignatureMethod as written."""
    check_method: str | None
    """CheckMethod as written; None when absent."""
    claimed_at: str
    """SignatureDateTime as written."""
    references: tuple[Reference, ...] = field(repr=False)
    duplicate_references: bool
    value_path: str | None
    """Entry name of SignedValue.dat; None when it is not there."""
    value: bytes = field(repr=False)
    signature: SealSignature | None = field(repr=False)
    """The parsed value; None when it is not a seal signature."""
    malformed: str | None
    """Why the value could not be read; None when it could."""
    seal_file: bytes | None = field(repr=False)
    """The loose Seal.esl, when one is named."""
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
    problems: tuple[tuple[str, str], ...]
    """Broken rules of the list: stable code and detail."""


def read_signatures(document: OFDDocument) -> SignatureList:
    """Read every signature of `document`.

    Raises:
        OFDError: if the list or a Signature.xml cannot be followed.
    """
    path = document.signatures_path
    if path is None:
        return SignatureList((), frozenset(), ())
    entries = document.package.entries
    listing = xml.parse(_entry(entries, path))
    listed = xml.children(listing, "Signature")
    if len(listed) > MAX_SIGNATURES:
        raise OFDError("ofd.signatures", f"{len(listed)} signatures")
    raw = [_Read(document.package, element, path) for element in listed]
    files = frozenset({path}) | frozenset(name for one in raw for name in one.files)
    seals = tuple(
        one.applied(path, _required(document, raw, number)) for number, one in enumerate(raw)
    )
    return SignatureList(seals, files, tuple(_list_problems(listing, raw)))


def unreachable(document: OFDDocument, signatures: SignatureList) -> tuple[str, ...]:
    """Return the entries that nothing refers to (夹带文件)."""
    known = document.reachable | signatures.files
    return tuple(name for name in document.package.entries if name not in known)


def _required(document: OFDDocument, signatures: list["_Read"], number: int) -> frozenset[str]:
    """Return what signature `number` must cover: all but its own files and later ones'."""
    later = {name for one in signatures[number + 1 :] for name in one.files}
    own = signatures[number]
    exempt = {own.path, own.value_path, document.signatures_path}
    return frozenset(
        name
        for name in document.package.entries
        if name not in exempt and (name not in later or name in own.files)
    )


class _Read:
    """One signature while it is being read."""

    def __init__(self, package: Package, listed: Element, list_path: str) -> None:
        self.entries = package.entries
        self.listed = listed
        self.path = resolve(listed.get("BaseLoc", ""), list_path)
        self.content = _entry(self.entries, self.path)
        root = xml.parse(self.content)
        info = xml.child(root, "SignedInfo")
        if info is None:
            raise OFDError("ofd.signature", "no SignedInfo")
        self.info = info
        value = xml.child(root, "SignedValue")
        self.value_path = self._named(xml.text(value)) if xml.text(value) else None
        seal = xml.child(info, "Seal")
        location = xml.text(xml.child(seal, "BaseLoc")) if seal is not None else ""
        self.seal_path = self._named(location) if location else None
        self.files = frozenset(
            name for name in (self.path, self.value_path, self.seal_path) if name is not None
        )

    def _named(self, location: str) -> str:
        return resolve(location, self.path)

    def references(self) -> tuple[Reference, ...]:
        holder = xml.child(self.info, "References")
        listed = xml.children(holder, "Reference") if holder is not None else []
        if len(listed) > MAX_REFERENCES:
            raise OFDError("ofd.signature", "too many references")
        return tuple(self._reference(element) for element in listed)

    def _reference(self, element: Element) -> Reference:
        name = self._named(element.get("FileRef", ""))
        digest = _digest(xml.text(xml.child(element, "CheckValue")))
        content = self.entries.get(name)
        matches = content is not None and digest is not None and sm3.digest(content) == digest
        return Reference(name, digest, matches, content is not None)

    def applied(self, list_path: str, required: frozenset[str]) -> AppliedSeal:
        references = self.references()
        covered = {reference.name for reference in references}
        holder = xml.child(self.info, "References")
        value = self.entries.get(self.value_path or "", b"")
        parsed, malformed = _parsed(value)
        return AppliedSeal(
            id=self.listed.get("ID", ""),
            type=self.listed.get("Type", "Seal"),
            path=self.path,
            signature_xml=self.content,
            method=xml.text(xml.child(self.info, "SignatureMethod")),
            check_method=holder.get("CheckMethod") if holder is not None else None,
            claimed_at=xml.text(xml.child(self.info, "SignatureDateTime")),
            references=references,
            duplicate_references=len(covered) != len(references),
            value_path=self.value_path if self.value_path in self.entries else None,
            value=value,
            signature=parsed,
            malformed=malformed,
            seal_file=self.entries.get(self.seal_path or ""),
            seal_path=self.seal_path,
            stamps=tuple(self._stamps()),
            uncovered=tuple(sorted(required - covered)),
            locks=list_path in covered,
        )

    def _stamps(self) -> Iterator[StampAnnot]:
        for stamp in xml.children(self.info, "StampAnnot"):
            yield StampAnnot(stamp.get("PageRef", ""), stamp.get("Boundary", ""), stamp.get("Clip"))


def _entry(entries: Mapping[str, bytes], name: str) -> bytes:
    try:
        return entries[name]
    except KeyError as error:
        raise OFDError("ofd.reference.missing", name[:120]) from error


def _parsed(value: bytes) -> tuple[SealSignature | None, str | None]:
    try:
        return parse_signature(value), None
    except MalformedError as error:
        return None, str(error)


def _digest(text: str) -> bytes | None:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == DIGEST_BYTES else None


def _list_problems(listing: Element, signatures: list[_Read]) -> Iterator[tuple[str, str]]:
    highest = xml.children(listing, "MaxSignId")
    if len(highest) > 1:
        yield "max_sign_id.repeated", str(len(highest))
    identifiers = [one.listed.get("ID", "") for one in signatures]
    if len(set(identifiers)) != len(identifiers) or "" in identifiers:
        yield "signature_id.duplicate", " ".join(identifiers)[:120]
    if highest and signatures:
        used = [_number(identifier) for identifier in identifiers]
        if _number(xml.text(highest[0])) < max(used):
            yield "max_sign_id.too_low", xml.text(highest[0])


def _number(identifier: str) -> int:
    digits = identifier.lstrip("s")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
