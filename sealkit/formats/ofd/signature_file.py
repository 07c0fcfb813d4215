"""One Signature.xml with the files it names, as it stands in a package."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.reading import Reader
from sealkit.formats.ofd.simple_types import Box, box
from sealkit.sm import sm3

MAX_REFERENCES: Final = 5000
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

    def __call__(self, name: str) -> bytes | None:
        """Return the digest of the entry `name`; None when there is no such entry."""
        if name not in self._known and name in self._entries:
            self._known[name] = sm3.digest(self._entries[name])
        return self._known.get(name)


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """A Signature.xml, read and followed, nothing judged."""

    listed: xml.Element
    """Its element in the list of signatures."""
    path: str
    content: bytes = field(repr=False)
    info: xml.Element
    """Its SignedInfo."""
    value_path: str | None
    seal_path: str | None
    repeated: tuple[str, ...]
    """Elements that stand there more often than they may."""

    @property
    def files(self) -> frozenset[str]:
        """The names that belong to this signature, whether or not the entries exist."""
        named = (self.path, self.value_path, self.seal_path)
        return frozenset(name for name in named if name is not None)

    @property
    def check_method(self) -> str | None:
        """CheckMethod as written; None when absent."""
        holder = xml.child(self.info, "References")
        return holder.get("CheckMethod") if holder is not None else None

    def references(self, digest_of: Callable[[str], bytes | None]) -> tuple[Reference, ...]:
        """Return the covered files, compared with what is in the package.

        Raises:
            OFDError: if there are too many, or one leaves the package.
        """
        listed = xml.children(xml.child(self.info, "References"), "Reference")
        if len(listed) > MAX_REFERENCES:
            raise OFDError("ofd.signature", f"{len(listed)} references")
        return tuple(self._reference(element, digest_of) for element in listed)

    def stamps(self) -> Iterator[StampAnnot]:
        """Yield the places of the seal's picture."""
        for stamp in xml.children(self.info, "StampAnnot"):
            identifier, page = stamp.get("ID", ""), stamp.get("PageRef", "")
            boundary, clip = box(stamp.get("Boundary", "")), box(stamp.get("Clip", ""))
            yield StampAnnot(identifier, page, boundary, clip)

    def _reference(
        self, element: xml.Element, digest_of: Callable[[str], bytes | None]
    ) -> Reference:
        name = resolve(element.get("FileRef", ""), self.path)
        stated = _digest(xml.text(xml.child(element, "CheckValue")))
        found = digest_of(name)
        return Reference(name, stated, found is not None and found == stated, found is not None)


def read_signature_file(reader: Reader, listed: xml.Element, list_path: str) -> SignatureFile:
    """Read the Signature.xml that `listed`, an element of the file `list_path`, names.

    Raises:
        OFDError: if it is missing or is no Signature.xml.
    """
    path = resolve(listed.get("BaseLoc", ""), list_path)
    root = reader.tree(path)
    info = xml.child(root, "SignedInfo")
    if not xml.is_called(root, "Signature") or info is None:
        raise OFDError("ofd.signature", "no SignedInfo")
    return SignatureFile(
        listed=listed,
        path=path,
        content=reader.file(path),
        info=info,
        value_path=_named(xml.child(root, "SignedValue"), path),
        seal_path=_named(xml.child(xml.child(info, "Seal"), "BaseLoc"), path),
        repeated=tuple(_repeated(root, info)),
    )


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
