"""One Signature.xml with the files it names, as it stands in a package."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.reading import Reader
from sealkit.formats.ofd.recurring import fact_of
from sealkit.formats.ofd.simple_types import Box, box
from sealkit.sm import sm3

MAX_REFERENCES: Final = 5000
MAX_STAMPS: Final = 500
DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Reference:
    """One file that a signature covers."""

    name: str
    """Entry name, without leading slash."""
    digest: bytes | None
    """What the signature says of it; None when that is no base64 of 32 bytes."""
    matches: bool
    """The file is there, and `digest` is its SM3 digest."""
    present: bool


@dataclass(frozen=True, slots=True)
class StampAnnot:
    """Where the picture of a seal is drawn, over the content of the page."""

    id: str
    page_id: str
    boundary: Box | None
    """On the page; None when it is no box."""
    clip: Box | None
    """The part of the picture that shows, relative to the boundary's corner; None: all."""


class Digests:
    """SM3 digests of the entries of a package, each computed once, when it is asked for.

    Many signatures may each name every file, and one may name a file many times.
    """

    def __init__(self, entries: Mapping[str, bytes]) -> None:
        self._entries = entries
        self._known: dict[str, bytes] = {}

    def of(self, name: str) -> bytes | None:
        """Return the digest of the entry `name`; None when there is no such entry."""
        if name not in self._known and name in self._entries:
            content = self._entries[name]
            self._known[name] = fact_of(content, "sm3", lambda: sm3.digest(content))
        return self._known.get(name)


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """A Signature.xml as it is written, nothing judged."""

    path: str
    content: bytes = field(repr=False)
    provider: str
    method: str
    check_method: str | None
    claimed_at: str
    covered: tuple[tuple[str, bytes | None], ...] = field(repr=False)
    """Entry names, each with the digest stated for it; None when that is none."""
    stamps: tuple[StampAnnot, ...]
    value_path: str | None
    seal_path: str | None
    repeated: tuple[str, ...]
    """Elements that stand there more often than they may."""

    @property
    def files(self) -> frozenset[str]:
        """The names that belong to this signature, whether or not the entries exist."""
        named = (self.path, self.value_path, self.seal_path)
        return frozenset(name for name in named if name is not None)

    def references(self, digests: Digests) -> tuple[Reference, ...]:
        """Return the covered files, compared with what is in the package."""
        return tuple(
            Reference(name, stated, found is not None and found == stated, found is not None)
            for name, stated in self.covered
            for found in (digests.of(name),)
        )


def read_signature_file(reader: Reader, path: str) -> SignatureFile:
    """Read the Signature.xml at `path`.

    Raises:
        OFDError: if it is missing, is no Signature.xml, or a location leaves the package.
    """
    root = reader.tree(path)
    info = xml.child(root, "SignedInfo")
    if not xml.is_called(root, "Signature") or info is None:
        raise OFDError("ofd.signature", "no SignedInfo")
    provider, references = xml.child(info, "Provider"), xml.child(info, "References")
    return SignatureFile(
        path=path,
        content=reader.file(path),
        provider=provider.get("ProviderName", "") if provider is not None else "",
        method=xml.text(xml.child(info, "SignatureMethod")),
        check_method=references.get("CheckMethod") if references is not None else None,
        claimed_at=xml.text(xml.child(info, "SignatureDateTime")),
        covered=tuple(_covered(references, path)),
        stamps=tuple(_stamps(info)),
        value_path=_named(xml.child(root, "SignedValue"), path),
        seal_path=_named(xml.child(xml.child(info, "Seal"), "BaseLoc"), path),
        repeated=tuple(_repeated(root, info)),
    )


def _covered(references: xml.Element | None, path: str) -> Iterator[tuple[str, bytes | None]]:
    listed = xml.children(references, "Reference")
    if len(listed) > MAX_REFERENCES:
        raise OFDError("ofd.signature", f"{len(listed)} references")
    for element in listed:
        name = resolve(element.get("FileRef", ""), path)
        yield name, _digest(xml.text(xml.child(element, "CheckValue")))


def _stamps(info: xml.Element) -> Iterator[StampAnnot]:
    listed = xml.children(info, "StampAnnot")
    if len(listed) > MAX_STAMPS:
        raise OFDError("ofd.signature", f"{len(listed)} stamps")
    for stamp in listed:
        identifier, page = stamp.get("ID", ""), stamp.get("PageRef", "")
        boundary, clip = box(stamp.get("Boundary", "")), box(stamp.get("Clip", ""))
        yield StampAnnot(identifier, page, boundary, clip)


def _named(element: xml.Element | None, path: str) -> str | None:
    """Return the entry that `element` names; absolute is usual, relative is accepted."""
    return resolve(xml.text(element), path) if xml.text(element) else None


def _repeated(root: xml.Element, info: xml.Element) -> Iterator[str]:
    """Yield what stands there twice: one reader takes the first, another the last."""
    single = ("SignatureMethod", "SignatureDateTime", "References", "Seal")
    places = [(root, "SignedInfo"), (root, "SignedValue"), *((info, name) for name in single)]
    for holder, name in places:
        if len(xml.children(holder, name)) > 1:
            yield name


def _digest(text: str) -> bytes | None:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == DIGEST_BYTES else None
