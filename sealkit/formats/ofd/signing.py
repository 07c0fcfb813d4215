"""Sealing an OFD (加盖电子印章): one more signature, nothing signed before touched.

1. OFD.xml names the list of signatures before anything is hashed; it changes only at the
   first seal.
2. The list is rewritten with each seal, unless a seal locked it: then none may follow.
3. Every file is covered but the new signature's own Signature.xml and SignedValue.dat, and
   the list unless this seal locks it.
4. The hash is of the exact bytes that go into the package; no canonical form.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from sealkit.asn1.ses import build_signature
from sealkit.formats.ofd import xml
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.ofd.description import (
    signature_description,
    signature_identifier,
    signature_list,
    stamp_annotation,
)
from sealkit.formats.ofd.errors import LockedDocumentError, OFDError
from sealkit.formats.ofd.model import ROOT_FILE, OFDDocument, read_document
from sealkit.formats.ofd.paths import folder_of
from sealkit.formats.ofd.seam import StampPlacement
from sealkit.formats.ofd.signatures import SignatureList, read_signatures
from sealkit.signer import Signer
from sealkit.sm import sm3

__all__ = ["StampPlacement", "Timestamp", "seal_package"]

_BODY_END: Final = re.compile(rb"</((?:[A-Za-z_][\w.-]*:)?)DocBody\s*>")

Timestamp = Callable[[bytes], bytes]
"""Signature value (DER) → RFC 3161 token."""


def seal_package(
    document: bytes,
    *,
    seal_der: bytes,
    signer: Signer,
    at: datetime,
    stamp: StampPlacement | Sequence[StampPlacement],
    timestamp: Timestamp | None = None,
    lock: bool = False,
) -> bytes:
    """Return `document` with one more seal, signed at `at`.

    Whether `signer` is listed in the seal is a rule of the one who seals; see
    `sealkit.asn1.ses.Seal.lists`. All but the signature value follows from the arguments.

    Args:
        document: an OFD, sealed or not.
        seal_der: the seal (V4), as in its ``.esl`` file.
        signer: SM2 key of a user of the seal.
        at: time of signing, aware; written to the second.
        stamp: where the seal's picture goes; several for a seam, see `seam`.
        timestamp: makes an RFC 3161 token over the signature value.
        lock: cover the list of signatures too, so that no seal can follow.

    Raises:
        LockedDocumentError: if an earlier seal covers the list of signatures.
        OFDError: if `document` is no readable OFD, or `stamp` names no page of it.
        MalformedError: if `seal_der` is no seal.
        ValueError: if `at` is naive, the seal is not V4, or the signer's key is not SM2.
    """
    if at.tzinfo is None:
        raise ValueError("a time of signing without a zone")
    at = at.astimezone(UTC).replace(microsecond=0)
    opened = read_document(read_package(document))
    earlier = read_signatures(opened)
    if any(seal.locks for seal in earlier.seals):
        raise LockedDocumentError("the document is locked by an earlier seal")
    stamps = (stamp,) if isinstance(stamp, StampPlacement) else tuple(stamp)
    entries = dict(opened.package.entries)
    listing = _named_list(opened, entries)
    folder = _free_folder(entries, folder_of(listing))
    number = earlier.highest_number + 1
    entries[f"{folder}/Seal.esl"] = seal_der
    entries[listing] = signature_list(
        _listed(entries.get(listing), earlier),
        identifier=signature_identifier(number),
        location=f"/{folder}/Signature.xml",
        highest=signature_identifier(number + len(stamps)),
    )
    exempt = set() if lock else {listing}
    description = signature_description(
        {name: content for name, content in entries.items() if name not in exempt},
        folder=folder,
        at=at,
        stamps=_annotations(opened, stamps, number + 1),
    )
    entries[f"{folder}/Signature.xml"] = description
    entries[f"{folder}/SignedValue.dat"] = build_signature(
        seal_der=seal_der,
        at=at,
        data_hash=sm3.digest(description),
        property_info=f"/{folder}/Signature.xml",
        signer=signer,
        timestamp=timestamp,
    )
    return write_package(entries, source=opened.package)


def _named_list(document: OFDDocument, entries: dict[str, bytes]) -> str:
    """Return the name of the list of signatures; at the first seal OFD.xml gets to name it."""
    if document.signatures_path is not None:
        listing = document.signatures_path
    else:
        listing = f"{folder_of(document.doc_root)}/Signs/Signatures.xml".lstrip("/")
        if listing in entries:
            raise OFDError("ofd.signatures", "a list of signatures that OFD.xml does not name")
        entries[ROOT_FILE] = _with_signatures(entries[ROOT_FILE], listing)
    if not listing.isascii():
        # propertyInfo, which names the description beside the list, is an IA5String.
        raise OFDError("ofd.signatures", "the list of signatures has no ASCII name")
    return listing


def _with_signatures(root: bytes, listing: str) -> bytes:
    """Return OFD.xml with a reference to the list, every other byte as it was."""
    end = _BODY_END.search(root)
    if end is None:
        raise OFDError("ofd.root", "OFD.xml cannot take a reference")
    position, prefix = end.start(), end[1].decode()
    reference = f"<{prefix}Signatures>/{listing}</{prefix}Signatures>".encode()
    changed = root[:position] + reference + root[position:]
    body = xml.child(xml.parse(changed), "DocBody")
    # The end may have been one in a comment.
    if xml.text(xml.child(body, "Signatures")) != f"/{listing}":
        raise OFDError("ofd.root", "OFD.xml cannot take a reference")
    return changed


def _free_folder(entries: Mapping[str, bytes], parent: str) -> str:
    # Without case, as some file systems compare names.
    taken = {name.casefold() for name in entries}
    number = 0
    while True:
        folder = f"{parent}/Sign_{number}".lstrip("/")
        if not any(name.startswith(f"{folder.casefold()}/") for name in taken):
            return folder
        number += 1


def _listed(listing: bytes | None, earlier: SignatureList) -> list[dict[str, str]]:
    """Return the attributes of the list's entries, those of the format only."""
    if listing is None or not earlier.seals:
        return []
    return [
        {name: value for name, value in entry.attrib.items() if name.isidentifier()}
        for entry in xml.children(xml.parse(listing), "Signature")
    ]


def _annotations(
    document: OFDDocument, stamps: Sequence[StampPlacement], first_number: int
) -> list[str]:
    annotations = []
    for number, stamp in enumerate(stamps, first_number):
        if not 0 <= stamp.page_index < len(document.pages):
            raise OFDError("ofd.stamp", f"no page {stamp.page_index}")
        page_id = document.pages[stamp.page_index].id
        identifier = signature_identifier(number)
        annotations.append(stamp_annotation(stamp, identifier=identifier, page_id=page_id))
    return annotations
