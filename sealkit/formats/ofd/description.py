"""Writing Signature.xml and the list of signatures, in the order that products write.

The bytes made here are hashed and signed as they are: there is no canonical form.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from xml.sax.saxutils import quoteattr

from sealkit import oids
from sealkit.formats.ofd import xml
from sealkit.formats.ofd.seam import StampPlacement
from sealkit.formats.ofd.signatures import SEAL
from sealkit.sm import sm3

PROVIDER: Final = "Yinxin"
PROVIDER_VERSION: Final = "1.0"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def signature_identifier(number: int) -> str:
    """Return the ID of signature or stamp `number`; both count in one row."""
    return f"s{number:03d}"


def signature_list(
    earlier: Iterable[Mapping[str, str]], *, identifier: str, location: str, highest: str
) -> bytes:
    """Return Signatures.xml with one entry more than `earlier`, the attributes of those there.

    There is one MaxSignId, and it is first.
    """
    entries = (*earlier, {"ID": identifier, "Type": SEAL, "BaseLoc": location})
    rows = "".join(
        f"<ofd:Signature{''.join(f' {name}={quoteattr(entry[name])}' for name in entry)}/>"
        for entry in entries
    )
    return (
        f'{_DECLARATION}<ofd:Signatures xmlns:ofd="{xml.NAMESPACE}">'
        f"<ofd:MaxSignId>{highest}</ofd:MaxSignId>{rows}</ofd:Signatures>"
    ).encode()


def signature_description(
    covered: Mapping[str, bytes], *, folder: str, at: datetime, stamps: Iterable[str]
) -> bytes:
    """Return the Signature.xml that lies in `folder` and covers the entries `covered`.

    `at` is aware UTC, written to the second; `stamps` are elements of `stamp_annotation`.
    """
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
        f"{''.join(stamps)}<ofd:Seal><ofd:BaseLoc>/{folder}/Seal.esl</ofd:BaseLoc></ofd:Seal>"
        f"</ofd:SignedInfo><ofd:SignedValue>/{folder}/SignedValue.dat</ofd:SignedValue>"
        "</ofd:Signature>"
    ).encode()


def stamp_annotation(stamp: StampPlacement, *, identifier: str, page_id: str) -> str:
    """Return the StampAnnot element of `stamp`."""
    box = _written(stamp.x_mm, stamp.y_mm, stamp.width_mm, stamp.height_mm)
    clip = f' Clip="{_written(*stamp.clip)}"' if stamp.clip else ""
    return (
        f'<ofd:StampAnnot ID="{identifier}" PageRef={quoteattr(page_id)} Boundary="{box}"{clip}/>'
    )


def _written(*numbers: float) -> str:
    return " ".join(f"{number:.4f}".rstrip("0").rstrip(".") for number in numbers)
