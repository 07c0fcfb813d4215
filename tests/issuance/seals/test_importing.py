"""Seals of other makers: read as they come, every check's finding kept, used only if trusted."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuance.errors import (
    InvalidSealError,
    NotEntitledError,
    SeparationOfDutiesError,
)
from issuance.seals import importing, making
from issuance.seals.register import find_seal
from issuance.seals.states import SealState
from issuance.seals.using import why_not_usable
from issuance.states import EditionState
from sealkit.asn1 import encode
from sealkit.asn1.ses import SealInfo, SealPicture, build_seal, parse_seal
from sealkit.errors import MalformedError
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.signatures import read_signatures
from tests.conformance.ofd_builder import PICTURE
from tests.conformance.world import new_signer
from tests.issuance.seals.steps import keeper, seal_of
from tests.issuance.seals.test_several_seals import file_of
from tests.issuance.world import AT, MARKET, actor, make_world
from tests.sealkit.asn1.ses.products import seal_v1

NAME = "示例市市场监督管理局电子证照专用章"


@pytest.fixture
def bare(tmp_path, keystore):
    return make_world(tmp_path, keystore, with_seals=False)


@pytest.fixture
def info(keystore):
    return SealInfo(
        seal_id="65000020261123",
        name=NAME,
        type=6,
        vendor_id="OTHER.MAKER",
        certificates=(keystore.certificate("seal_signer_market").der,),
        created_at=AT - timedelta(days=30),
        valid_from=AT - timedelta(days=30),
        valid_until=datetime(2028, 1, 1, tzinfo=UTC),
        picture=SealPicture("PNG", PICTURE, 42, 42),
    )


def bring(world, upload, by=None):
    with world.writing() as session:
        return importing.import_seal(
            session, world.services, upload, actor=by or keeper("importer"), at=AT
        )


def put_into_service(world, seal, by="filer"):
    with world.writing() as session:
        return making.put_into_service(
            session, world.services, MARKET, seal.id, actor=keeper(by), at=AT
        )


def codes(seal, severity=None):
    found = importing.findings_of(seal)
    return {f["code"] for f in found if severity in (None, f["severity"])}


@pytest.mark.parametrize("form", ["der", "base64", "pem"])
def test_a_sound_seal_with_our_key_is_imported_filed_and_used(bare, info, keystore, form):
    der = build_seal(info, keystore.signer("seal_maker"))
    text = base64.encodebytes(der)
    pem = b"-----BEGIN ESEAL-----\n" + text + b"-----END ESEAL-----\n"
    seal = bring(bare, {"der": der, "base64": text, "pem": pem}[form])
    assert (seal.der, seal.origin, seal.state) == (der, "imported", SealState.MADE)
    assert codes(seal) == set()
    with pytest.raises(SeparationOfDutiesError):
        put_into_service(bare, seal, by="importer")
    put_into_service(bare, seal)
    edition = bare.mint()
    assert edition.state is EditionState.ACTIVE
    (applied,) = read_signatures(read_document(file_of(bare, edition))).seals
    assert applied.signature.seal.der == der


@pytest.mark.parametrize(
    ("defect", "code"),
    [
        ({"valid_until": AT - timedelta(days=1)}, "seal.expired"),
        ({"picture": SealPicture("PNG", PICTURE, 400, 400)}, "import.picture_size"),
        ({"picture": SealPicture("PNG", PICTURE[:20], 42, 42)}, "import.picture_unreadable"),
    ],
)
def test_a_seal_with_a_defect_is_kept_with_it_and_never_used(bare, info, keystore, defect, code):
    seal = bring(bare, build_seal(replace(info, **defect), keystore.signer("seal_maker")))
    assert code in codes(seal, "error")
    assert not seal.key_name
    with pytest.raises(InvalidSealError):
        put_into_service(bare, seal)
    with bare.writing() as session:
        assert find_seal(session, MARKET, seal.id).state is SealState.MADE


def test_a_seal_forged_by_an_unknown_maker_is_not_trusted(bare, info):
    seal = bring(bare, build_seal(info, new_signer("自称制章人")))
    assert "maker.certificate.untrusted" in codes(seal)
    assert not seal.key_name


def test_a_certified_holder_who_makes_no_seals_is_no_seal_maker(bare, info, keystore):
    seal = bring(bare, build_seal(info, keystore.signer("seal_signer_land")))
    assert "seal.maker_not_listed" in codes(seal, "error")


def test_a_changed_seal_is_told_by_the_makers_signature(bare, info, keystore):
    der = build_seal(info, keystore.signer("seal_maker"))
    changed = der.replace(b"65000020261123", b"65000020261124")
    assert "seal.maker_signature_invalid" in codes(bring(bare, changed), "error")


def test_a_v1_seal_is_registered_and_cannot_be_used(bare, keystore):
    der = seal_v1(keystore.signer("seal_maker"), _info_v1(keystore))
    assert parse_seal(der).version == 1
    seal = bring(bare, der)
    assert {"import.not_v4", "seal.version_old"} <= codes(seal)
    with pytest.raises(InvalidSealError):
        put_into_service(bare, seal)


def test_a_seal_whose_key_is_not_ours_is_shown_and_cannot_be_used(bare, info, keystore):
    others = (keystore.certificate("seal_signer_land").der,)
    signed = build_seal(replace(info, certificates=others), keystore.signer("seal_maker"))
    seal = bring(bare, signed)
    assert codes(seal) == {"import.key_not_ours"}
    active = replace(seal, state=SealState.ACTIVE)
    refusal = why_not_usable(active, bare.services.keys, "business_licence", at=AT)
    assert refusal == "seal.refusal.key"


def test_a_strange_type_and_another_name_are_warnings(bare, info, keystore):
    strange = replace(info, type=15, name="别处的专用章")
    seal = bring(bare, build_seal(strange, keystore.signer("seal_maker")))
    assert codes(seal, "warning") == {"import.type_unknown", "import.other_name"}
    assert put_into_service(bare, seal).state is SealState.ACTIVE


def test_a_seal_is_imported_once_under_a_code_that_can_be_addressed(bare, info, keystore):
    maker = keystore.signer("seal_maker")
    bring(bare, build_seal(info, maker))
    for refused in (info, replace(info, seal_id="a/b"), replace(info, seal_id="x" * 41)):
        with pytest.raises(InvalidSealError):
            bring(bare, build_seal(refused, maker))


def test_only_keepers_import(bare, info, keystore):
    der = build_seal(info, keystore.signer("seal_maker"))
    with pytest.raises(NotEntitledError):
        bring(bare, der, by=actor("clerk", "clerk"))


def test_an_own_seal_is_not_imported_beside_itself(world):
    with pytest.raises(InvalidSealError):
        bring(world, seal_of(world).der)


@given(st.binary(max_size=400))
def test_any_bytes_are_der_or_malformed(upload):
    try:
        assert isinstance(importing.der_of(upload), bytes)
    except MalformedError:
        pass


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_is_imported_with_findings_or_refused(bare, info, keystore, data):
    sound = _sound(info, keystore)
    position = data.draw(st.integers(0, len(sound) - 1))
    cut = data.draw(st.integers(0, 4))
    spoilt = sound[:position] + data.draw(st.binary(max_size=6)) + sound[position + cut :]
    with bare.writing() as session:
        try:
            seal = importing.import_seal(
                session, bare.services, spoilt, actor=keeper("importer"), at=AT
            )
        except InvalidSealError as error:
            assert error.problems
        else:
            assert (seal.der == sound) or codes(seal) or not seal.key_name
        session.rollback()


def test_a_seal_larger_than_any_is_refused_at_once():
    with pytest.raises(MalformedError):
        importing.der_of(b"\x30" * (importing.MAX_UPLOAD_BYTES + 1))


def _sound(info, keystore, made={}):  # noqa: B006 — made once for all examples
    if not made:
        made["der"] = build_seal(info, keystore.signer("seal_maker"))
    return made["der"]


def _info_v1(keystore):
    """DER(SES_SealInfo) as GM/T 0031 has it."""
    properties = encode.sequence(
        encode.integer(1),
        encode.utf8_string(NAME),
        encode.sequence(encode.octet_string(keystore.certificate("seal_signer_market").der)),
        *(encode.time(AT + timedelta(days=d)) for d in (-30, -30, 300)),
    )
    return encode.sequence(
        encode.sequence(encode.ia5_string("ES"), encode.integer(1), encode.ia5_string("OLD")),
        encode.ia5_string("DZYZ-V1-0001"),
        properties,
        encode.sequence(
            encode.ia5_string("PNG"),
            encode.octet_string(PICTURE),
            encode.integer(42),
            encode.integer(42),
        ),
    )
