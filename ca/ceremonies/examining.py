"""Judging what a ceremony left behind (查验仪式记录), with nothing but its files and the root.

Every fault names its file, and its line where it has one. Without a root to compare with
nothing more than consistency is shown, and the verdict is ``cannot_say``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ca import lint
from ca.ceremonies import ceremony
from ca.ceremonies.ceremony import grouped
from ca.ceremonies.closing import KEY_NAME, SignedClosing, digest_of, parse_closing
from ca.ceremonies.printed import catalogue, printed
from ca.ceremonies.transcript import Line, TranscriptFaultError, instant, parse_transcript
from ca.profiles import PROFILES
from sealkit.asn1.crl import parse_crl
from sealkit.asn1.x509 import Certificate, pem_to_certificates
from sealkit.errors import MalformedError, SealkitError
from sealkit.sm import sm3

VALID: Final = "valid"
INVALID: Final = "invalid"
CANNOT_SAY: Final = "cannot_say"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be."""

    code: str
    place: str
    """File, and ``:line`` where there is one."""

    @property
    def zh(self) -> str:
        """What it means, in Chinese."""
        return str(catalogue()["faults"][self.code]["zh"])

    @property
    def en(self) -> str:
        """What it means, in English."""
        return str(catalogue()["faults"][self.code]["en"])


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found."""

    faults: tuple[Fault, ...]
    root: str | None
    """Fingerprint of the root that the files carry, SM3 in groups of four."""
    root_compared: bool
    lines: tuple[Line, ...]

    @property
    def verdict(self) -> str:
        """`VALID`, `INVALID` or `CANNOT_SAY`."""
        if self.faults:
            return INVALID
        return VALID if self.root_compared else CANNOT_SAY


def examine(files: Mapping[str, bytes], root: Certificate | None) -> Examination:
    """Judge the files of one ceremony; `root` is the one its reader knows, if any."""
    faults: list[Fault] = []
    lines = _lines(files, faults)
    closing = _closing(files, faults)
    if closing is not None:
        faults.extend(_files_as_signed(files, closing))
    if lines and closing is not None:
        faults.extend(_as_closed(files, lines, closing))
    own = _certificate(files, ceremony.ROOT_CERTIFICATE, faults)
    if own is not None:
        if root is not None and root.der != own.der:
            faults.append(Fault("root_differs", ceremony.ROOT_CERTIFICATE))
        faults.extend(_made_by(files, own, lines, closing))
    return Examination(
        tuple(dict.fromkeys(faults)),
        grouped(own.fingerprint) if own else None,
        root is not None,
        lines,
    )


def _lines(files: Mapping[str, bytes], faults: list[Fault]) -> tuple[Line, ...]:
    name = ceremony.TRANSCRIPT
    try:
        return parse_transcript(files.get(name, b""))
    except TranscriptFaultError as error:
        faults.append(Fault("line_changed", f"{name}:{error.line}"))
    except MalformedError:
        faults.append(Fault("transcript_unreadable", name))
    return ()


def _closing(files: Mapping[str, bytes], faults: list[Fault]) -> SignedClosing | None:
    try:
        return parse_closing(files.get(ceremony.CLOSING, b""))
    except MalformedError:
        faults.append(Fault("closing_unreadable", ceremony.CLOSING))
        return None


def _certificate(files: Mapping[str, bytes], name: str, faults: list[Fault]) -> Certificate | None:
    try:
        (certificate,) = pem_to_certificates(files.get(name, b""))
    except (MalformedError, ValueError):
        faults.append(Fault("certificate_unreadable", name))
        return None
    return certificate


def _files_as_signed(files: Mapping[str, bytes], closing: SignedClosing) -> Iterator[Fault]:
    signed = closing.closing.files
    for name, digest in signed.items():
        if name not in files:
            yield Fault("file_missing", name)
        elif digest_of(files[name]) != digest:
            yield Fault("file_changed", name)
    for name in files:
        if name not in signed and name != ceremony.CLOSING:
            yield Fault("file_unsigned", name)


def _as_closed(
    files: Mapping[str, bytes], lines: tuple[Line, ...], closing: SignedClosing
) -> Iterator[Fault]:
    if (len(lines), lines[-1].digest) != (closing.closing.lines, closing.closing.head):
        yield Fault("head_differs", f"{ceremony.TRANSCRIPT}:{len(lines)}")
    if files.get(ceremony.PRINTED) != printed(lines).encode():
        yield Fault("printed_differs", ceremony.PRINTED)
    if dict(lines[0].told).get("plan") != grouped(sm3.digest(files.get(ceremony.PLAN, b""))):
        yield Fault("plan_differs", ceremony.PLAN)


def _made_by(
    files: Mapping[str, bytes],
    root: Certificate,
    lines: tuple[Line, ...],
    closing: SignedClosing | None,
) -> Iterator[Fault]:
    if _broken(root, root, "root"):
        yield Fault("root_not_self_signed", ceremony.ROOT_CERTIFICATE)
    if ceremony.SUB_CA_CERTIFICATE in files:
        yield from _issued(files, ceremony.SUB_CA_CERTIFICATE, root, "sub_ca")
    if ceremony.ROOT_LIST in files:
        yield from _list(files[ceremony.ROOT_LIST], root, lines)
    yield from _issued(files, ceremony.CEREMONY_CERTIFICATE, root, "audit")
    faults: list[Fault] = []
    own = _certificate(files, ceremony.CEREMONY_CERTIFICATE, faults)
    if own is None or closing is None:
        return
    try:
        closing.note.verify(KEY_NAME, own.sm2_key)
    except SealkitError:
        yield Fault("closing_not_signed", ceremony.CLOSING)
    if lines and not own.valid_at(instant(lines[-1])):
        yield Fault("closing_untimely", ceremony.CEREMONY_CERTIFICATE)


def _issued(
    files: Mapping[str, bytes], name: str, root: Certificate, profile: str
) -> Iterator[Fault]:
    faults: list[Fault] = []
    found = _certificate(files, name, faults)
    yield from faults
    if found is None:
        return
    try:
        found.verify_signed_by(root)
    except SealkitError:
        yield Fault("not_issued_by_root", name)
    if lint.lint(found.tbs, PROFILES[profile], root):
        yield Fault("profile_broken", name)


def _broken(certificate: Certificate, issuer: Certificate, profile: str) -> bool:
    try:
        certificate.verify_signed_by(issuer)
    except SealkitError:
        return True
    return bool(lint.lint(certificate.tbs, PROFILES[profile], None))


def _list(content: bytes, root: Certificate, lines: tuple[Line, ...]) -> Iterator[Fault]:
    told = {line.step: dict(line.told) for line in lines}
    recorded = told.get("list_made", {}).get("number")
    before = told.get("list_read", {}).get("number", "0")
    try:
        found = parse_crl(content)
        found.verify_signed_by(root)
    except SealkitError:
        yield Fault("list_not_signed", ceremony.ROOT_LIST)
        return
    if (
        str(found.number) != recorded
        or not before.isdecimal()
        or int(before) >= (found.number or 0)
    ):
        yield Fault("list_number", ceremony.ROOT_LIST)
