"""The conformance checklist of seals and sealed OFD, items 1 to 20, on a licence as we mint it.

The licence bears two seals, a seam over its three pages, and a lock. It is taken apart by
zipfile, ElementTree and asn1crypto, so that our readers do not judge our writers. Items 21 to
30 are in test_checklist_of_signing; what needs programs that we lack is in docs/standards.md.
"""

import re
from datetime import UTC, datetime

import pytest
from asn1crypto import core, parser, x509

from sealkit.asn1 import encode, ses
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.formats.ofd.model import read_document
from sealkit.sm import sm3
from tests.conformance import test_bad_licences  # noqa: F401  # registers the cases
from tests.conformance.cases import CASES
from tests.conformance.ofd_builder import sealed, unsealed
from tests.conformance.taken_apart import (
    NS,
    SIGNS,
    SM2_WITH_SM3,
    advances,
    info_of,
    key_of,
    pages,
    parts,
    root,
    signature_xml,
)
from tests.conformance.world import xinjiang
from tests.sealkit.asn1.ses import products


def test_01_esl_is_one_der_value_a_sequence_of_exactly_four(seal):
    info, certificate, algorithm, signed = parts(seal)
    assert isinstance(info, core.Sequence)
    assert isinstance(certificate, core.OctetString)
    assert algorithm.dotted == SM2_WITH_SM3
    assert isinstance(signed, core.BitString)
    assert signed.contents[0] == 0
    with pytest.raises(MalformedError):
        ses.parse_seal(seal + b"\0")


def test_02_header_is_es_4_and_vendor_and_every_seal_has_its_own_id(minted, seal):
    header, seal_id, *_ = info_of(seal)
    name, version, vendor = parts(header.dump())
    assert (name.native, version.native) == ("ES", 4)
    assert {type(name), type(vendor), type(seal_id)} == {core.IA5String}
    other = info_of(minted.entries[f"{SIGNS}/Sign_1/Seal.esl"])[1].native
    assert seal_id.native != other


def test_03_property_has_seven_elements_and_whole_second_times_in_order(seal):
    entries = parts(info_of(seal)[2].dump())
    expected = [core.Integer, core.UTF8String, core.Integer, core.Sequence]
    assert [type(entry) for entry in entries] == expected + [core.GeneralizedTime] * 3
    times = [entry.contents.decode() for entry in entries[4:]]
    assert all(re.fullmatch(r"\d{14}Z", time) for time in times)
    assert times[1] < times[2]


def test_04_the_list_is_of_type_1_and_each_entry_is_a_certificate(seal):
    entries = parts(info_of(seal)[2].dump())
    assert entries[2].native == 1
    listed = parts(entries[3].dump())
    assert listed
    for entry in listed:
        assert isinstance(entry, core.OctetString)
        assert x509.Certificate.load(entry.native, strict=True).subject.native


def test_05_picture_is_of_the_type_it_names_and_has_a_size(seal):
    image_type, image, width, height = parts(info_of(seal)[3].dump())
    assert image_type.native == "PNG"
    assert image.native.startswith(b"\x89PNG\r\n\x1a\n")
    assert width.native > 0
    assert height.native > 0


def test_06_the_maker_signs_seal_info_alone_and_not_the_v1_form(seal):
    info, certificate, algorithm, signed = parts(seal)
    key = key_of(certificate.native)
    key.verify_der(signed.contents[1:], info.dump())
    v1_form = encode.sequence(info.dump(), certificate.dump(), algorithm.dump())
    with pytest.raises(InvalidSignatureError):
        key.verify_der(signed.contents[1:], v1_form)


def test_07_a_changed_byte_of_the_seal_is_refused_with_a_reason(seal):
    """Every byte of the properties and the maker's signature; of the picture every 499th."""
    picture = info_of(seal)[3].dump()
    start = seal.index(picture) + 20
    dense = [*range(600), *range(len(seal) - 90, len(seal))]
    for position in {*dense, *range(start, start + len(picture), 499)}:
        changed = bytearray(seal)
        changed[position % len(seal)] ^= 0x01
        try:
            read = ses.parse_seal(bytes(changed))
            read.verify_maker()
        except (MalformedError, InvalidSignatureError, UnsupportedError) as refused:
            assert refused.code
        else:
            # Outside what the maker signed: for the certificate's own issuer to refuse.
            assert read.maker_certificate_der != parts(seal)[1].native


def test_08_v1_seals_verify_over_info_certificate_and_algorithm(maker):
    info = products.info_v1(maker.certificate_der)
    read = ses.parse_seal(products.seal_v1(maker, info))
    read.verify_maker()
    assert (read.version, read.info.valid_from) == (ses.V1, products.VALID_FROM)
    with pytest.raises(InvalidSignatureError):
        ses.parse_seal(products.seal_v1(maker, info, signed=info)).verify_maker()


def test_09_signature_is_five_values_with_timestamp_and_the_seal_inside_is_the_file(value, seal):
    content = core.Sequence.load(value, strict=True).contents
    tagged, rest = [], content
    while rest:
        length = parser.peek(rest)
        tagged.append(rest[0])
        rest = rest[length:]
    assert tagged == [0x30, 0x04, 0x06, 0x03, 0xA0]
    version, embedded, *_ = parts(core.Any.load(content).dump())
    assert version.native == 4
    assert embedded.dump() == seal
    with pytest.raises(MalformedError):
        ses.parse_signature(value + b"\0")


def test_10_time_is_utc_equal_to_the_description_and_inside_seal_and_certificate(minted, value):
    read = ses.parse_signature(value)
    written = signature_xml(minted).find(".//o:SignatureDateTime", NS).text
    assert re.fullmatch(r"\d{14}Z", written)
    assert read.time_info.decode() == written
    at = datetime.strptime(written, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    assert read.seal.info.valid_from <= at <= read.seal.info.valid_until
    validity = x509.Certificate.load(read.certificate_der)["tbs_certificate"]["validity"]
    assert validity["not_before"].native <= at <= validity["not_after"].native


def test_11_data_hash_is_sm3_of_signature_xml_and_property_info_its_path(minted):
    for number in (0, 1):
        read = ses.parse_signature(minted.entries[f"{SIGNS}/Sign_{number}/SignedValue.dat"])
        path = f"{SIGNS}/Sign_{number}/Signature.xml"
        assert read.data_hash == sm3.digest(minted.entries[path])
        assert read.property_info == f"/{path}"


def test_12_signature_is_der_over_tbs_and_64_raw_bytes_are_read_with_a_warning(value, maker):
    tbs = core.Any.load(core.Sequence.load(value).contents).dump()
    read = ses.parse_signature(value)
    assert read.signature[0] == 0x30
    key_of(read.certificate_der).verify_der(read.signature, tbs)
    own = products.seal_v4(maker, products.info_v4(maker.certificate_der))
    raw = ses.parse_signature(products.signature_v4(maker, own, raw=True))
    raw.verify_value()
    assert (len(raw.signature), raw.deviations) == (64, ("signature.raw",))


def test_13_the_signer_is_in_the_list_and_another_of_the_same_ca_is_refused(value):
    world = xinjiang()
    read = ses.parse_signature(value)
    assert read.seal.lists(read.certificate_der)
    other = sealed(world, unsealed(world.record), signer=world.signer("seal_signer_land"))
    codes = {finding.code for finding in world.report(other).findings}
    assert "seal.signer_not_listed" in codes


@pytest.mark.parametrize(
    "extensions",
    [
        encode.sequence(products.extension(critical=False)),
        encode.sequence(products.extension()),
        encode.context(0, encode.sequence(products.extension())),
    ],
    ids=["critical FALSE", "bare", "tagged"],
)
def test_14_foreign_structures_are_checked_over_their_original_bytes(maker, extensions):
    info = products.info_v4(maker.certificate_der, extensions=extensions)
    read = ses.parse_seal(products.seal_v4(maker, info))
    read.verify_maker()
    assert read.signed == info


def test_15_every_entry_is_reached_once_and_names_stay_inside(minted):
    assert len(set(minted.names)) == len(minted.names)
    assert minted.names.count("OFD.xml") == 1
    for name in minted.names:
        assert not name.startswith("/")
        assert ".." not in name.split("/")
        assert b"<!DOCTYPE" not in minted.entries[name] or not name.endswith(".xml")
    opened = read_document(minted.document)
    signed = {n for n in minted.names if n.startswith(SIGNS)}
    assert set(minted.names) == set(opened.reachable) | signed
    assert CASES["file_smuggled_in_after_sealing"].finds == "ofd.file.smuggled"
    assert CASES["doctype_in_ofd_xml"].finds == "ofd.document.malformed"


def test_16_namespace_prefix_and_identifiers_are_as_the_format_says(minted):
    seen = []
    for name in (n for n in minted.names if n.endswith(".xml") and "Signs" not in n):
        tree = root(minted, name)
        for element in tree.iter():
            if not element.tag.startswith("{urn:"):
                assert element.tag.startswith(f"{{{NS['o']}}}")
            assert not any(attribute.startswith("{") for attribute in element.attrib)
            given = {"Page", "TemplatePage", "Layer", "TextObject", "PathObject", "ImageObject"}
            given |= {"Font", "MultiMedia", "Attachment"}
            if element.tag.rpartition("}")[2] in given and "ID" in element.attrib:
                seen.append(int(element.attrib["ID"]))
    highest = int(root(minted, "Doc_0/Document.xml").find(".//o:MaxUnitID", NS).text)
    assert max(seen) <= highest
    assert len(seen) == len(set(seen))


def test_17_boxes_deltas_and_references_are_whole(minted):
    fonts = {
        f.attrib["ID"] for f in root(minted, "Doc_0/PublicRes.xml").iter() if "FontName" in f.attrib
    }
    numbers = 0
    for page in pages(minted):
        for element in page.iter():
            if "Boundary" in element.attrib:
                _x, _y, width, height = map(float, element.attrib["Boundary"].split())
                assert width > 0
                assert height > 0
            if "Font" in element.attrib:
                assert element.attrib["Font"] in fonts
        for code in page.iterfind(".//o:TextCode", NS):
            numbers += 1
            assert advances(code.attrib.get("DeltaX", "")) == len(code.text) - 1
    assert numbers > 20


def test_18_doc_id_is_32_hex_digits_and_the_date_iso(minted):
    information = root(minted, "OFD.xml").find(".//o:DocInfo", NS)
    assert re.fullmatch(r"[0-9a-f]{32}", information.find("o:DocID", NS).text)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", information.find("o:CreationDate", NS).text)


def test_19_attachment_size_in_kb_agrees_and_its_file_is_there(minted):
    (attachment,) = root(minted, "Doc_0/Attachs/Attachments.xml")
    name = attachment.find("o:FileLoc", NS).text
    content = minted.entries[f"Doc_0/Attachs/{name}"]
    assert float(attachment.attrib["Size"]) == pytest.approx(len(content) / 1024, abs=0.001)


def test_20_tags_lead_to_text_objects_that_print_the_metadata(minted):
    texts = {
        element.attrib["ID"]: "".join(code.text for code in element.iterfind("o:TextCode", NS))
        for page in pages(minted)
        for element in page.iterfind(".//o:TextObject", NS)
    }
    data = {
        entry.attrib["Name"]: entry.text
        for entry in root(minted, "OFD.xml").iterfind(".//o:CustomData", NS)
    }
    tied = 0
    for field in root(minted, "Doc_0/Tags/CustomTag.xml"):
        numbers = [reference.text for reference in field.iterfind("o:ObjectRef", NS)]
        assert set(numbers) <= texts.keys()
        printed = "".join(texts[number] for number in numbers)
        wanted = data.get(field.tag.rpartition("}")[2], "")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d|", wanted):
            tied += 1
            assert "".join(printed.split()) == "".join(wanted.split())
    assert tied > 5
