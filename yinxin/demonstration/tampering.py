"""Copies that a forger would make. None of them may verify as valid."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sealkit.asn1 import encode
from sealkit.asn1.ses import parse_signature
from sealkit.formats.code import decode
from sealkit.formats.code.container import unwrap, wrap
from sealkit.formats.ofd.container import read_package, write_package

Entries = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Forgery:
    """A tampered copy and what was done to it."""

    name: str
    zh: str
    document: bytes


def forged_ofds(document: bytes, other: bytes) -> tuple[Forgery, ...]:
    """Return forged copies of a sealed OFD; `other` is a licence sealed by another issuer."""
    return (
        _forged("page-byte", "改动版面一个字节", document, _one_byte_of_the_page),
        _forged("metadata", "改动元数据一个字", document, _one_digit_of_the_metadata),
        _forged(
            "swapped-seal",
            "换用其他机构的印章文件",
            document,
            lambda entries: _from_other(entries, other, "Seal.esl"),
        ),
        _forged(
            "swapped-signature",
            "换用其他机构的签章数据",
            document,
            lambda entries: _from_other(entries, other, "SignedValue.dat"),
        ),
        _forged(
            "swapped-certificate",
            "换用其他机构的签章证书",
            document,
            lambda entries: _swapped_certificate(entries, other),
        ),
        _forged("smuggled-file", "夹带文件", document, _smuggled_file),
    )


def forged_pdf(document: bytes) -> Forgery:
    """Return a PDF with one byte changed in the middle of its page."""
    at = document.index(b"stream", len(document) // 3) + 40
    changed = document[:at] + bytes((document[at] ^ 1,)) + document[at + 1 :]
    return Forgery("pdf-byte", "改动 PDF 一个字节", changed)


def forged_code(text: str) -> Forgery:
    """Return a code made out to another holder, its signature left as it was."""
    name = decode(text).claims.holder_names[0]
    other = name[:-1] + ("甲" if name[-1] != "甲" else "乙")
    message = unwrap(text).replace(name.encode(), other.encode())
    return Forgery("code-field", "改动二维码中的持证主体", wrap(message).encode())


def _forged(name: str, zh: str, document: bytes, change: Callable[[Entries], None]) -> Forgery:
    entries = dict(read_package(document).entries)
    change(entries)
    return Forgery(name, zh, write_package(entries))


def _entry(entries: Mapping[str, bytes], ending: str) -> str:
    return next(name for name in entries if name.endswith(ending))


def _one_byte_of_the_page(entries: Entries) -> None:
    name = _entry(entries, "Page_0/Content.xml")
    page = entries[name]
    at = page.index(b"<ofd:TextCode")
    at = page.index(b'X="', at) + 3
    entries[name] = page[:at] + (b"9" if page[at : at + 1] != b"9" else b"8") + page[at + 1 :]


def _one_digit_of_the_metadata(entries: Entries) -> None:
    def changed(found: re.Match[bytes]) -> bytes:
        digit = b"8" if found[2] != b"8" else b"7"
        return found[1] + digit + found[3]

    entries["OFD.xml"] = re.sub(
        rb'(Name="ZZBFRQ">[0-9-]*)([0-9])(<)', changed, entries["OFD.xml"], count=1
    )


def _from_other(entries: Entries, other: bytes, ending: str) -> None:
    theirs = read_package(other).entries
    entries[_entry(entries, ending)] = theirs[_entry(theirs, ending)]


def _swapped_certificate(entries: Entries, other: bytes) -> None:
    theirs = read_package(other).entries
    stranger = parse_signature(theirs[_entry(theirs, "SignedValue.dat")]).certificate_der
    name = _entry(entries, "SignedValue.dat")
    own = parse_signature(entries[name])
    entries[name] = _with_certificate(own.der, own.tbs, own.certificate_der, stranger)


def _with_certificate(der: bytes, tbs: bytes, own: bytes, stranger: bytes) -> bytes:
    """Return a signature value whose certificate, which nothing signs, is another's."""
    body_at = der.index(tbs)
    after = der.index(own, body_at + len(tbs)) + len(own)
    return encode.sequence(tbs, encode.octet_string(stranger), der[after:])


def _smuggled_file(entries: Entries) -> None:
    entries["Doc_0/Res/readme.txt"] = b"nothing refers to this file"
