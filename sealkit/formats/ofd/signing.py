"""Sealing an OFD (加盖电子印章): one more signature, nothing signed before touched.

1. OFD.xml names the list of signatures before anything is hashed; it changes only at the
   first seal.
2. The list is rewritten with each seal, unless a seal locked it: then none may follow.
3. Every file is covered but the new signature's own Signature.xml and SignedValue.dat, and
   the list unless this seal locks it.
4. The hash is of the exact bytes that go into the package; no canonical form.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import quoteattr

from sealkit import oids
from sealkit.asn1.ses import build_signature
from sealkit.formats.ofd import xml
from sealkit.formats.ofd.container import write_package
from sealkit.formats.ofd.errors import LockedDocumentError, OFDError
from sealkit.formats.ofd.model import ROOT_FILE, OFDDocument, read_document
from sealkit.formats.ofd.seam import StampPlacement
from sealkit.formats.ofd.signatures import read_signatures
from sealkit.signer import Signer
from sealkit.sm import sm3

__all__ = ["StampPlacement", "seal_package"]

PROVIDER: Final = "Yinxin"
PROVIDER_VERSION: Final = "1.0"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_BODY_END = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?DocBody\s*>")
_BODY_PREFIX = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)DocBody[\s>]")

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

    Raises:
        LockedDocumentError: if an earlier seal covers the list of signatures.
        OFDError: if `document` is no readable OFD, or `stamp` names no page of it.
    """
    opened = read_document(document)
    earlier = read_signatures(opened)
    if any(seal.locks for seal in earlier.seals):
        raise LockedDocumentError("the document is locked by an earlier seal")
    stamps = (stamp,) if isinstance(stamp, StampPlacement) else tuple(stamp)
    entries = dict(opened.package.entries)
    folder = opened.doc_root.rpartition("/")[0]
    listing = opened.signatures_path or f"{folder}/Signs/Signatures.xml"
    if opened.signatures_path is None:
        entries[ROOT_FILE] = _with_signatures(entries[ROOT_FILE], listing)
    place = _free_folder(entries, f"{listing.rpartition('/')[0]}/Sign_")
    number = len(earlier.seals) + 1
    entries[f"{place}/Seal.esl"] = seal_der
    entries[listing] = _listing(entries.get(listing), number, f"/{place}/Signature.xml")
    exempt = set() if lock else {listing}
    at = at.astimezone(UTC).replace(microsecond=0)
    description = _description(
        {name: content for name, content in entries.items() if name not in exempt},
        place=place,
        number=number,
        at=at,
        stamps=_annotations(opened, stamps, number),
    )
    entries[f"{place}/Signature.xml"] = description
    entries[f"{place}/SignedValue.dat"] = build_signature(
        seal_der=seal_der,
        at=at,
        data_hash=sm3.digest(description),
        property_info=f"/{place}/Signature.xml",
        signer=signer,
        timestamp=timestamp,
    )
    return write_package(entries)


def _with_signatures(root: bytes, listing: str) -> bytes:
    """Return OFD.xml with a reference to the list, every other byte as it was."""
    end, start = _BODY_END.search(root), _BODY_PREFIX.search(root)
    if end is None or start is None:
        raise OFDError("ofd.root", "OFD.xml is not UTF-8 or holds no document")
    prefix = start[1].decode()
    reference = f"<{prefix}Signatures>/{listing}</{prefix}Signatures>".encode()
    return root[: end.start()] + reference + root[end.start() :]


def _free_folder(entries: Mapping[str, bytes], stem: str) -> str:
    number = 0
    while any(name.startswith(f"{stem}{number}/") for name in entries):
        number += 1
    return f"{stem}{number}"


def _listing(existing: bytes | None, number: int, location: str) -> bytes:
    """Return Signatures.xml with one more entry; there is one MaxSignId, and it is first."""
    listed = []
    if existing is not None:
        for entry in xml.children(xml.parse(existing), "Signature"):
            listed.append(
                (entry.get("ID", ""), entry.get("Type", "Seal"), entry.get("BaseLoc", ""))
            )
    listed.append((_identifier(number), "Seal", location))
    rows = "".join(
        f"<ofd:Signature ID={quoteattr(identifier)} Type={quoteattr(kind)} "
        f"BaseLoc={quoteattr(place)}/>"
        for identifier, kind, place in listed
    )
    return (
        f'{_DECLARATION}<ofd:Signatures xmlns:ofd="{xml.NAMESPACE}">'
        f"<ofd:MaxSignId>{_identifier(number)}</ofd:MaxSignId>{rows}</ofd:Signatures>"
    ).encode()


def _description(
    covered: Mapping[str, bytes], *, place: str, number: int, at: datetime, stamps: str
) -> bytes:
    """Return Signature.xml in the order of the schema and of commercial products."""
    references = "".join(
        f"<ofd:Reference FileRef={quoteattr('/' + name)}>"
        f"<ofd:CheckValue>{base64.b64encode(sm3.digest(content)).decode()}</ofd:CheckValue>"
        "</ofd:Reference>"
        for name, content in sorted(covered.items())
    )
    return (
        f'{_DECLARATION}<ofd:Signature xmlns:ofd="{xml.NAMESPACE}"><ofd:SignedInfo>'
        f'<ofd:Provider ProviderName="{PROVIDER}" Version="{PROVIDER_VERSION}" '
        f'Company="{PROVIDER}"/>'
        f"<ofd:SignatureMethod>{oids.SM2_WITH_SM3}</ofd:SignatureMethod>"
        f"<ofd:SignatureDateTime>{at.strftime('%Y%m%d%H%M%SZ')}</ofd:SignatureDateTime>"
        f'<ofd:References CheckMethod="{oids.SM3}">{references}</ofd:References>'
        f"{stamps}<ofd:Seal><ofd:BaseLoc>/{place}/Seal.esl</ofd:BaseLoc></ofd:Seal>"
        f"</ofd:SignedInfo><ofd:SignedValue>/{place}/SignedValue.dat</ofd:SignedValue>"
        "</ofd:Signature>"
    ).encode()


def _annotations(document: OFDDocument, stamps: Sequence[StampPlacement], number: int) -> str:
    parts = []
    for order, stamp in enumerate(stamps):
        if not 0 <= stamp.page_index < len(document.pages):
            raise OFDError("ofd.stamp", f"no page {stamp.page_index}")
        page = document.pages[stamp.page_index]
        box = _box(stamp.x_mm, stamp.y_mm, stamp.width_mm, stamp.height_mm)
        clip = f' Clip="{_box(*stamp.clip)}"' if stamp.clip else ""
        parts.append(
            f'<ofd:StampAnnot ID="s{number:03d}{order:03d}" PageRef={quoteattr(page.id)} '
            f'Boundary="{box}"{clip}/>'
        )
    return "".join(parts)


def _box(*numbers: float) -> str:
    return " ".join(f"{number:.4f}".rstrip("0").rstrip(".") for number in numbers)


def _identifier(number: int) -> str:
    return f"s{number:03d}"
