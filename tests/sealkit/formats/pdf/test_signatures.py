"""What can be done to a signed PDF, and how it shows."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from asn1crypto import cms, core, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper

from sealkit import oids
from sealkit.asn1 import algorithms
from sealkit.asn1 import cms as own_cms
from sealkit.errors import MalformedError
from sealkit.formats.pdf import Modification, SignatureBox, read_signatures, sign_pdf
from sealkit.formats.pdf.signed_data import read_signed_data
from tests.sealkit.formats.pdf.authorities import (
    Holder,
    P256Key,
    SM2Key,
    authority,
    certificate,
)

AT = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
WHITE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c63f8ffffff7f0009fb03fd05434590000000004945 4e44ae426082".replace(" ", "")
)


def sealed(document, who, field="Seal", **more):
    return sign_pdf(document, signer=who.signer, chain=(), at=AT, field=field, **more)


@pytest.fixture(scope="module", params=[SM2Key, P256Key])
def who(request):
    return authority(request.param, f"{request.param.__name__} root")


@pytest.fixture(scope="module")
def document(page, who):
    return sealed(page, who)


def appended(document, change):
    """`document` with a revision more, made by anyone."""
    writer = IncrementalPdfFileWriter(BytesIO(document))
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def with_cms(document, change):
    """`document` with its (only) CMS changed and put back into its place."""
    (found,) = read_signatures(document)
    old = found.cms_der.hex().upper().encode()
    content = cms.ContentInfo.load(found.cms_der)
    changed = change(content)
    new = (changed if isinstance(changed, bytes) else content.dump(force=True)).hex()
    start = document.index(old)
    place = document.index(b">", start) - start
    return document[:start] + new.upper().encode().ljust(place, b"0") + document[start + place :]


def holds(document):
    (found,) = read_signatures(document)
    return found.digest_holds, found.signature_holds, found.modification


SOUND = (True, True, Modification.NONE)


def test_untouched_document_is_sound(document, who):
    assert holds(document) == SOUND
    (found,) = read_signatures(document)
    assert found.covers_whole_file
    assert found.field_name == "Seal"
    assert found.signer_certificate_der == who.signer.certificate_der
    assert found.signed_at == AT
    assert found.timestamp_der is None
    assert not found.is_document_timestamp


def test_algorithm_is_told(page, sm2, ecdsa):
    first, second = read_signatures(sealed(sealed(page, sm2, "A"), ecdsa, "B"))
    assert (first.algorithm, first.subfilter) == (oids.SM2_WITH_SM3, "/adbe.pkcs7.detached")
    assert (second.algorithm, second.subfilter) == (oids.ECDSA_WITH_SHA256, "/ETSI.CAdES.detached")


def test_unsigned_document_has_no_signatures(page):
    assert read_signatures(page) == ()


# One byte


def test_changed_byte_of_the_page_shows(document):
    changed = document.replace(b"(licence 1)", b"(licence 2)")
    assert holds(changed) == (False, True, Modification.NONE)


def test_changed_byte_of_the_signature_value_shows(document):
    def flip(content):
        info = content["content"]["signer_infos"][0]
        value = bytearray(info["signature"].native)
        value[-1] ^= 1
        info["signature"] = bytes(value)

    assert holds(with_cms(document, flip)) == (True, False, Modification.NONE)


def test_changed_signing_time_shows(page, sm2):
    def earlier(content):
        for attribute in content["content"]["signer_infos"][0]["signed_attrs"]:
            if attribute["type"].native == "signing_time":
                attribute["values"] = [cms.Time({"utc_time": datetime(2020, 1, 1, tzinfo=UTC)})]

    assert holds(with_cms(sealed(page, sm2), earlier)) == (True, False, Modification.NONE)


def test_every_byte_before_the_signature_counts(document):
    """A byte every hundred, whatever it is, and nothing but MalformedError otherwise."""
    (found,) = read_signatures(document)
    for position in range(10, document.index(found.cms_der.hex().upper().encode()), 97):
        changed = bytearray(document)
        changed[position] ^= 0x01
        try:
            found = read_signatures(bytes(changed))
        except MalformedError:
            continue
        assert all(not one.digest_holds for one in found)


# Other certificates


def test_swapped_certificate_shows(page, document, who):
    """Another certificate of the same issuer and serial number, with another key."""
    other = who.other_signer(
        x509.Certificate.load(who.signer.certificate_der).subject.native["common_name"]
    )

    def swap(content):
        content["content"]["certificates"] = [
            cms.CertificateChoices("certificate", x509.Certificate.load(other.certificate_der))
        ]

    assert holds(with_cms(document, swap))[1] is False


def test_other_certificate_of_the_same_key_shows(document, who):
    """Issuer, serial and key agree; only signing-certificate-v2 tells them apart."""
    signed = x509.Certificate.load(who.signer.certificate_der)
    other = signed.copy()
    other["tbs_certificate"]["validity"]["not_after"] = x509.Time(
        {"utc_time": datetime(2049, 1, 1, tzinfo=UTC)}
    )
    double = x509.Certificate.load(other.dump(force=True))

    def swap(content):
        content["content"]["certificates"] = [cms.CertificateChoices("certificate", double)]

    assert holds(with_cms(document, swap))[1] is False


def test_signature_without_its_certificate_is_malformed(document, sm2):
    root = x509.Certificate.load(sm2.root)

    def swap(content):
        content["content"]["certificates"] = [cms.CertificateChoices("certificate", root)]

    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, swap))


def test_signature_without_certificates_is_malformed(document):
    def drop(content):
        del content["content"]["certificates"]

    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, drop))


# Other algorithms


def test_hash_that_does_not_go_with_the_signature_shows(document):
    def rename(content):
        content["content"]["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha512"}

    assert holds(with_cms(document, rename)) == (False, False, Modification.NONE)


def test_unsafe_hash_is_malformed(document):
    def rename(content):
        content["content"]["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}

    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, rename))


def test_algorithm_not_spoken_here_is_told_apart_from_a_bad_value(document):
    def rename(content):
        content["content"]["signer_infos"][0]["signature_algorithm"] = {"algorithm": "ed25519"}

    assert holds(with_cms(document, rename))[1] is None


# Revisions


def note_on_page(writer):
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Annots"] = generic.ArrayObject(
        [
            writer.add_object(
                generic.DictionaryObject(
                    {
                        generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                        generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
                        generic.pdf_name("/Contents"): generic.TextStringObject("作废"),
                        generic.pdf_name("/Rect"): generic.ArrayObject(
                            [generic.NumberObject(n) for n in (0, 0, 500, 500)]
                        ),
                    }
                )
            )
        ]
    )
    writer.update_container(page)


def other_text(writer):
    content = writer.root["/Pages"]["/Kids"][0].raw_get("/Contents")
    stream = generic.StreamObject(stream_data=b"BT /F1 20 Tf 60 700 Td (licence 2) Tj ET")
    writer.objects[(content.generation, content.idnum)] = stream


def other_attachment(writer):
    names = writer.root["/Names"]
    names["/EmbeddedFiles"] = generic.DictionaryObject()
    writer.update_container(names)


@pytest.mark.parametrize("change", [note_on_page, other_text, other_attachment])
def test_changed_revision_shows(document, change):
    changed = appended(document, change)
    assert changed.startswith(document)
    (found,) = read_signatures(changed)
    assert not found.covers_whole_file
    assert found.digest_holds and found.signature_holds
    assert found.modification is Modification.OTHER


@pytest.mark.parametrize("box", [None, SignatureBox(0, (0, 0, 595, 842), WHITE)])
def test_further_signature_is_told_apart_from_a_change(document, sm2, box):
    first, second = read_signatures(sealed(document, sm2, "Second", box=box))
    assert first.modification is Modification.SIGNATURES
    assert (second.modification, second.covers_whole_file) == (Modification.NONE, True)


def test_new_empty_visible_field_is_at_most_a_signature(document):
    def add(writer):
        append_signature_field(writer, SigFieldSpec("Empty", box=(0, 0, 100, 100)))

    (found,) = read_signatures(appended(document, add))
    assert found.modification in (Modification.SIGNATURES, Modification.OTHER)


def test_change_hidden_between_two_signatures_shows(document, sm2):
    first, second = read_signatures(sealed(appended(document, other_text), sm2, "Second"))
    assert first.modification is Modification.OTHER
    assert second.modification is Modification.NONE


def test_bytes_after_the_end_show(document):
    end = document[document.rindex(b"startxref") :]
    assert holds(document + b"\n")[2] is Modification.ARCHIVAL
    assert holds(document + b"1 0 obj\n" + end)[2] is Modification.OTHER


# What the signature claims to cover


def with_range(document, numbers):
    """`document` with other numbers in its /ByteRange, at the same length."""
    start = document.index(b"/ByteRange") + len(b"/ByteRange")
    start = document.index(b"[", start)
    end = document.index(b"]", start)
    text = b" ".join(str(number).encode() for number in numbers)
    return document[:start] + b"[" + text.ljust(end - start - 1) + document[end:]


@pytest.mark.parametrize(
    "forge",
    [
        lambda a, b, c: (0, a, b + 2, c - 2),
        lambda a, b, c: (0, a - 2, b, c),
        lambda a, b, c: (1, a - 1, b, c),
        lambda a, b, c: (0, a, b, c - 1),
        lambda a, b, c: (0, a, b),
        lambda a, b, c: (0, a, b, c, 0, 0),
        lambda a, b, c: (0, 0, 0, 0),
        lambda a, b, c: (0, -1, b, c),
        lambda a, b, c: (0, a, 10**9, c),
        lambda a, b, c: (0, b, a, c),
    ],
)
def test_dishonest_range_covers_nothing(document, forge):
    (found,) = read_signatures(document)
    start = document.index(found.cms_der.hex().upper().encode()) - 1
    end = document.index(b">", start) + 1
    changed = with_range(document, forge(start, end, len(document) - end))
    try:
        (found,) = read_signatures(changed)
    except MalformedError:
        return
    assert not found.digest_holds
    assert not found.covers_whole_file or found.modification is Modification.NONE


def test_padding_must_be_zeros(document):
    def append(content):
        return content.dump() + b"\0\0something"

    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, append))


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"\x30\x03\x02\x01\x00",
        cms.ContentInfo({"content_type": "data", "content": core.OctetString(b"x")}).dump(),
    ],
    ids=["nothing", "an INTEGER", "no SignedData"],
)
def test_signature_that_is_no_cms_is_malformed(document, contents):
    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, lambda content: contents or b"\0"))


def test_other_cms_types_are_malformed():
    other = cms.ContentInfo({"content_type": "data", "content": core.OctetString(b"x")})
    with pytest.raises(MalformedError):
        read_signed_data(other.dump(), b"")


def test_two_signers_in_one_signature_are_malformed(document):
    def double(content):
        infos = content["content"]["signer_infos"]
        infos.append(infos[0].copy())

    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, double))


def test_other_content_type_among_the_attributes_is_malformed(document):
    def rename(content):
        for attribute in content["content"]["signer_infos"][0]["signed_attrs"]:
            if attribute["type"].native == "content_type":
                attribute["values"] = ["tst_info"]

    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, rename))


def test_our_own_cms_reader_agrees(document):
    (found,) = read_signatures(document)
    start = document.index(found.cms_der.hex().upper().encode()) - 1
    end = document.index(b">", start) + 1
    own_cms.parse(found.cms_der).verify(document[:start] + document[end:])


def test_attribute_given_twice_is_malformed(document):
    def double(content):
        attributes = content["content"]["signer_infos"][0]["signed_attrs"]
        (digest,) = [one for one in attributes if one["type"].native == "message_digest"]
        attributes.append(digest.copy())

    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, double))


def test_content_beside_the_document_is_malformed(document):
    """A signature about something else that is carried along."""

    def attach(content):
        content["content"]["encap_content_info"]["content"] = core.OctetString(b"other")

    with pytest.raises(MalformedError):
        read_signatures(with_cms(document, attach))


# Rarer forms


def rebuilt(document, who, build):
    """`document` with a CMS of the same signer that `build` makes of the covered bytes."""
    (found,) = read_signatures(document)
    start = document.index(found.cms_der.hex().upper().encode()) - 1
    end = document.index(b">", start) + 1
    covered = document[:start] + document[end:]
    return with_cms(document, lambda content: build(content, covered))


def test_signature_straight_over_the_document_is_read(document, who):
    """RFC 5652, 5.4: without attributes the value is over the content itself."""

    def build(content, covered):
        info = content["content"]["signer_infos"][0]
        del info["signed_attrs"]
        info["signature"] = algorithms.sign(who.signer, covered)

    plain = rebuilt(document, who, build)
    assert holds(plain)[:2] == (True, True)
    (found,) = read_signatures(plain)
    assert found.signed_at == AT
    assert holds(plain.replace(b"(licence 1)", b"(licence 2)"))[1] is False


def test_signer_named_by_key_identifier_is_found(page, sm2):
    key = SM2Key()
    more = [{"extn_id": "key_identifier", "critical": False, "extn_value": b"\1\2\3"}]
    signer = Holder(key, certificate("named", key, "测试根", sm2.key, more=more))
    document = sign_pdf(page, signer=signer, chain=[sm2.root], at=AT, field="Seal")

    def rename(content):
        content["content"]["signer_infos"][0]["sid"] = cms.SignerIdentifier(
            "subject_key_identifier", core.OctetString(b"\1\2\3")
        )

    assert holds(with_cms(document, rename)) == SOUND


def test_signature_bound_by_an_unsafe_hash_shows(document, who):
    def bind(content, covered):
        info = content["content"]["signer_infos"][0]
        for attribute in info["signed_attrs"]:
            if attribute["type"].native == "signing_certificate_v2":
                attribute["values"][0]["certs"][0]["hash_algorithm"] = {"algorithm": "sha1"}
        attributes = info["signed_attrs"].copy().untag().dump(force=True)
        info["signature"] = algorithms.sign(who.signer, attributes)

    assert holds(rebuilt(document, who, bind))[1] is False


def test_signature_without_binding_is_read(document, who):
    """Signatures of the adbe.pkcs7.detached kind often have no signing-certificate."""

    def unbind(content, covered):
        info = content["content"]["signer_infos"][0]
        kept = [
            one for one in info["signed_attrs"] if one["type"].native != "signing_certificate_v2"
        ]
        info["signed_attrs"] = cms.CMSAttributes(kept)
        attributes = info["signed_attrs"].copy().untag().dump(force=True)
        info["signature"] = algorithms.sign(who.signer, attributes)

    assert holds(rebuilt(document, who, unbind)) == SOUND


def test_too_many_certificates_are_malformed(document, monkeypatch):
    monkeypatch.setattr("sealkit.formats.pdf.signed_data.MAX_CERTIFICATES", 0)
    with pytest.raises(MalformedError):
        read_signatures(document)


def test_time_without_zone_is_taken_as_utc(page, ecdsa):
    document = sealed(page, ecdsa)
    (found,) = read_signatures(document)
    assert found.signed_at == AT
    date = document.index(b"/M ") + 3
    shown = document[date : document.index(b"\n", date)]
    naive = b"(D:20260701043000)".ljust(len(shown))
    (found,) = read_signatures(document[:date] + naive + document[date + len(shown) :])
    assert found.signed_at == AT


def test_document_timestamp_is_read_as_one(document, token_service, ecdsa):
    output = BytesIO()
    PdfTimeStamper(token_service, field_name="Stamp").timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(document)), "sha256", output=output
    )
    signature, stamp = read_signatures(output.getvalue())
    assert signature.modification is Modification.ARCHIVAL
    assert stamp.is_document_timestamp
    assert (stamp.digest_holds, stamp.signature_holds) == (True, None)  # RSA is not spoken here
    assert stamp.covers_whole_file
    forged = output.getvalue().replace(b"(licence 1)", b"(licence 2)")
    assert [one.digest_holds for one in read_signatures(forged)] == [False, False]
