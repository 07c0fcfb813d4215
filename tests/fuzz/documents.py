"""Targets that are documents: containers, pages, pictures, trust material, whole verdicts."""

import base64
import json
from functools import cache

from sealkit import numeric_date, statements
from sealkit.copy_note import CopyNote
from sealkit.formats.code import base45, container
from sealkit.formats.ofd import xml
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.signatures import read_signatures, unreachable
from sealkit.formats.pdf import plain
from sealkit.formats.pdf import signatures as pdf_signatures
from sealkit.formats.pdf.attachments import attachments
from sealkit.formats.pdf.contents import read_pdf
from sealkit.formats.pdf.document import foreign_bytes, open_document
from sealkit.formats.pdf.errors import MalformedPDFError
from sealkit.formats.pdf.plain.objects import read_value
from sealkit.formats.pdf.plain.sections import read_sections
from sealkit.formats.pdf.signed_data import cut_padding, read_signed_data
from sealkit.sm import sm3
from sealkit.tokens import sign_token
from tests.conformance.instants import AT
from tests.conformance.world import xinjiang
from tests.fuzz.signed_structures import VERDICTS
from tests.fuzz.target import SEEDS, target
from verification.bundle import SCHEMA, read_bundle
from verification.detect import Format, detect
from verification.photo_reader import texts_in
from verification.trust import RegionTrust
from verification.trust_document import TrustDocument
from verification.verify import verify


@cache
def _sound_entries():
    return dict(read_package((SEEDS / "ofd_package" / "sound").read_bytes()).entries)


def _judge(document, code=None):
    """Return the verdict on a document; a report is always given, and can be written down."""
    world = xinjiang()
    found = verify(
        document,
        trust=world.trust,
        status=world.sound_status,
        log=None,
        register=None,
        at=AT,
        code=code,
    )
    return json.dumps(found.to_dict(), ensure_ascii=False).encode()


@target(read_package, read_document, read_signatures, max_bytes=16384)
def ofd_package(foreign):
    """An OFD: container, pages, signatures."""
    read_package(foreign)
    opened = read_document(foreign)
    unreachable(opened, read_signatures(opened))


@target(read_document, read_signatures, max_bytes=8192)
def ofd_entry(foreign):
    """A sound OFD, one file of which is foreign: the first byte says which."""
    entries = _sound_entries()
    name = list(entries)[foreign[0] % len(entries)] if foreign else "OFD.xml"
    opened = read_document(write_package({**entries, name: foreign[1:]}))
    unreachable(opened, read_signatures(opened))


@target(xml.parse, xml.parse_paid)
def ofd_xml(foreign):
    """One XML file of an OFD."""
    assert xml.local(xml.parse(foreign))


@target(open_document, pdf_signatures.read_signatures, attachments, max_bytes=16384)
def pdf_file(foreign):
    """A PDF: cross-references, objects, signatures, attachments."""
    document = open_document(foreign)
    pdf_signatures.read_signatures(document)
    attachments(document)


@target(read_pdf, read_value, read_sections, max_bytes=16384)
def pdf_contents(foreign):
    """A PDF as the verifier reads it: our reader for the plain form, pyHanko for the rest.

    What ours reads, pyHanko reads alike: else one file would be two licences.
    """
    found = read_pdf(foreign)
    try:
        opened = plain.PlainPDF(foreign)
        plain.read_signatures(opened), plain.read_attachments(opened)
    except plain.UnusualPDFError:
        return
    try:
        reader = open_document(foreign)
        signatures, attached = pdf_signatures.read_signatures(reader), attachments(reader)
    except MalformedPDFError as error:
        raise AssertionError("ours reads what pyHanko refuses") from error
    assert found.signatures == signatures
    assert dict(found.attachments) == dict(attached)


@target(read_signed_data, refuses=VERDICTS)
def pdf_message(foreign):
    """The CMS message of a PDF signature, padding and all."""
    with foreign_bytes():
        read_signed_data(cut_padding(foreign), b"covered")


@target(texts_in, refuses=(ValueError,), max_bytes=20480)
def photo(foreign):
    """A photo or screenshot with a code in it, as the process that reads it does."""
    texts_in(foreign)


@target(TrustDocument.from_json, max_bytes=16384)
def trust_document(foreign):
    """trust.json of another region, written again as it was read."""
    found = TrustDocument.from_json(foreign)
    assert TrustDocument.from_json(found.to_json()) == found


@target(CopyNote.from_json)
def copy_note(foreign):
    """The note in an annotated copy, written again as it was read."""
    found = CopyNote.from_json(foreign)
    assert CopyNote.from_json(found.to_json()) == found


@target(read_bundle, refuses=VERDICTS, max_bytes=16384)
def trust_bundle(foreign):
    """The body of a trust bundle, signed by the key for it, for use without a connection."""
    signer = xinjiang().signer("trust_bundle")
    claims = {"body_sm3": sm3.digest(foreign).hex(), "iat": numeric_date.from_datetime(AT)}
    members = {
        "schema": SCHEMA,
        "body": base64.b64encode(foreign).decode(),
        "certificate": base64.b64encode(signer.certificate_der).decode(),
        "signature": sign_token(claims, signer, typ=statements.BUNDLE),
    }
    read_bundle(json.dumps(members).encode(), at=AT)


@target(RegionTrust.from_files, max_bytes=16384)
def trust_directory(foreign):
    """A trust directory: files of fixed names, cut apart at a line of their own."""
    names = ("root.pem", "chain.pem", "crl.der", "trust.json")
    found = RegionTrust.from_files(dict(zip(names, foreign.split(b"\n--\n"), strict=False)))
    RegionTrust.from_files(found.to_files())


@target(detect, max_bytes=16384)
def verdict(foreign):
    """Whatever is shown at the counter: there is a verdict, and never an error."""
    _judge(foreign)


@target(detect, max_bytes=8192)
def verdict_on_ofd(foreign):
    """A verdict on an OFD of which one file is foreign."""
    entries = _sound_entries()
    name = list(entries)[foreign[0] % len(entries)] if foreign else "OFD.xml"
    package = write_package({**entries, name: foreign[1:]})
    assert detect(package) is Format.OFD
    _judge(package)


@target(detect, max_bytes=4096)
def verdict_beside_code(foreign):
    """A verdict on a sound OFD that is shown together with a foreign code."""
    sound = (SEEDS / "ofd_package" / "sound").read_bytes()
    assert detect(sound) is Format.OFD
    _judge(sound, foreign.decode("utf-8", "replace"))


@target(detect)
def verdict_on_code(foreign):
    """A verdict on what is inside the Base45 of a code."""
    text = (container.PREFIX + base45.encode(foreign)).encode()
    assert detect(text) is Format.CODE
    _judge(text)
