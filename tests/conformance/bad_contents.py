"""Licences whose copies of one fact do not agree (checklist 20; e-licence sheet, 14)."""

from dataclasses import replace

from sealkit import log_leaf, merkle
from sealkit.checkpoint import Checkpoint, sign_checkpoint
from sealkit.formats.code.container import unwrap
from sealkit.log_leaf import Event, LeafOpening, LogLeaf
from sealkit.sm import sm3
from sealkit.tlog_proof import TLogProof
from tests.conformance.cases import Shown, bad_licence
from tests.conformance.ofd_builder import sealed, unsealed, visible_fields
from tests.conformance.world import KIND_CODE, DeadSource, MemoryRegister

ORIGIN = "log.example/650000"


@bad_licence(finds="content.text_differs")
def page_shows_another_holder(world):
    """The issuer itself printed another name than the record has."""
    return _printed(world, CZZT="天池示例科技有限公司")


@bad_licence(finds="content.text_differs")
def page_shows_another_date(world):
    """The page shows a later end of validity than the record has."""
    return _printed(world, ZZYXQJZRQ="2066年11月01日")


@bad_licence(finds="content.text_differs")
def page_shows_one_blank_number(world):
    """The page marks where the number is, and nothing is printed there."""
    return _printed(world, ZZBH="")


@bad_licence(finds="content.text_differs")
def page_marks_a_field_the_record_does_not_have(world):
    """The page claims to print a field that the record knows nothing of."""
    return _printed(world, KZ_QT="特许经营")


@bad_licence(finds="content.text_untagged")
def page_does_not_mark_the_number(world):
    """No tag says where the licence number is printed, under whatever name."""
    printed = visible_fields(world.record)
    del printed["ZZBH"], printed["CZZTDM"]
    return sealed(world, unsealed(world.record, printed=printed))


@bad_licence(finds="content.text_untagged")
def page_does_not_mark_anything(world):
    """The page carries no tags at all."""
    return sealed(world, unsealed(world.record, printed={}))


@bad_licence(finds="content.metadata_differs")
def metadata_of_another_holder(world):
    """CustomDatas name another holder than the record."""
    metadata = world.record.metadata() | {"CZZT": "天池示例科技有限公司"}
    return sealed(world, unsealed(world.record, metadata=metadata))


@bad_licence(finds="content.metadata_differs")
def metadata_with_something_left_out(world):
    """CustomDatas do not say until when the licence is valid."""
    metadata = world.record.metadata()
    del metadata["ZZYXQJZRQ"]
    return sealed(world, unsealed(world.record, metadata=metadata))


@bad_licence(finds="content.metadata_differs")
def metadata_with_something_more(world):
    """CustomDatas say something that the record does not."""
    metadata = world.record.metadata() | {"KZ_QT": "特许经营"}
    return sealed(world, unsealed(world.record, metadata=metadata))


@bad_licence(finds="content.identifier_differs")
def identifier_with_a_wrong_check_character(world):
    """The last character of the identifier does not fit the rest."""
    identifier = world.record.identifier
    wrong = identifier[:-1] + ("A" if identifier[-1] != "A" else "B")
    return sealed(world, unsealed(replace(world.record, identifier=wrong)))


@bad_licence(finds="content.identifier_differs")
def identifier_of_another_edition(world):
    """The record says edition 2, its identifier edition 1."""
    return sealed(world, unsealed(replace(world.record, edition=2)))


@bad_licence(finds="content.identifier_differs")
def identifier_that_is_none(world):
    """The record's identifier has no form at all."""
    return sealed(world, unsealed(replace(world.record, identifier="12345")))


@bad_licence(finds="content.record_absent", verdict="cannot_say")
def sealed_document_that_is_no_licence(world):
    """A genuine seal of a trusted region, on a document without a licence record."""
    return sealed(world, unsealed(world.record, attachments={}))


@bad_licence(finds="content.record_unreadable", verdict="cannot_say")
def record_with_half_a_character(world):
    """licence.json spells half of a surrogate pair, which nothing can write again."""
    name = world.record.issuer_name.encode()
    spoiled = world.record.to_json().replace(name, rb"\ud800")
    return Shown(
        sealed(world, unsealed(world.record, attachments={"licence.json": spoiled})),
        {"register": MemoryRegister(world.register_entry())},
    )


@bad_licence(finds="content.record_unreadable", verdict="cannot_say")
def record_that_names_two_issuers(world):
    """licence.json has one member twice: which of them counts?"""
    spoiled = world.record.to_json().replace(b'"issuer_name":', b'"issuer_name":"x","issuer_name":')
    return sealed(world, unsealed(world.record, attachments={"licence.json": spoiled}))


@bad_licence(finds="content.record_unreadable", verdict="cannot_say")
def record_of_another_form(world):
    """licence.json is of a form that this verifier does not read."""
    foreign = b'{"schema":"other/7","name":"x"}'
    return sealed(world, unsealed(world.record, attachments={"licence.json": foreign}))


@bad_licence(finds="content.register_differs")
def register_has_another_record(world):
    """The issuer's register holds other data under this identifier."""
    other = replace(world.record, number="91650100MA11111111")
    register = MemoryRegister(world.register_entry(other))
    return Shown(world.sound_ofd, {"register": register})


@bad_licence(finds="content.register_unknown")
def register_knows_no_such_licence(world):
    """Sealed with the issuer's genuine key, but never registered."""
    return Shown(world.sound_ofd, {"register": MemoryRegister()})


@bad_licence(finds="content.code_differs")
def file_and_code_of_two_licences(world):
    """A genuine code beside a genuine file, but of another licence."""
    return Shown(world.sound_ofd, {"code": world.code(replace(world.record, number="X4"))})


@bad_licence(finds="content.code_differs")
def pdf_and_code_of_two_licences(world):
    """A genuine code beside a genuine PDF, but of another licence."""
    return Shown(world.sound_pdf, {"code": world.code(replace(world.record, number="X4"))})


@bad_licence(finds="code.signer_unknown", verdict="cannot_say")
def file_with_the_code_of_a_stranger(world):
    """The code beside the file is signed by a key on no trust list."""
    return Shown(world.sound_ofd, {"code": world.code(signer=world.signer("receipt"))})


@bad_licence(finds="code.malformed")
def file_with_a_damaged_code(world):
    """The code beside the file cannot be read."""
    return Shown(world.sound_ofd, {"code": world.sound_code[:-5]})


@bad_licence(finds="code.version_unknown", verdict="cannot_say")
def file_with_a_code_of_a_later_version(world):
    """The code beside the file is of a version that this verifier does not know."""
    return Shown(world.sound_ofd, {"code": "CL2:" + world.sound_code[4:]})


@bad_licence(finds="log.proof_absent", verdict="cannot_say")
def log_has_no_such_licence(world):
    """The transparency log has no record of the licence."""
    return _logged(world, None)


@bad_licence(finds="log.proof_malformed")
def log_proof_is_garbage(world):
    """What the log answers is no proof."""
    return _logged(world, b"no")


@bad_licence(finds="log.inclusion_invalid")
def log_proof_of_another_tree(world):
    """The proof leads to another root than the checkpoint's."""
    return _logged(world, _proof(world, root=bytes(32)))


@bad_licence(finds="log.checkpoint_invalid")
def log_checkpoint_signed_by_another(world):
    """The checkpoint is signed by a key that is not the log's."""
    return _logged(world, _proof(world, signer="receipt"))


@bad_licence(finds="log.checkpoint_invalid")
def log_of_another_origin(world):
    """A checkpoint of another log, signed with the right key."""
    return _logged(world, _proof(world, origin="log.example/other"))


@bad_licence(finds="log.other_licence")
def log_proof_of_another_licence(world):
    """A sound proof, but about another licence's code."""
    return _logged(world, _proof(world, code=world.code(replace(world.record, number="X1"))))


class MemoryLog:
    def __init__(self, bundle):
        self.bundle = bundle

    def proof(self, identifier):
        return self.bundle


def sound_proof(world):
    return _proof(world)


@bad_licence(finds="log.source_unavailable", verdict="cannot_say")
def log_that_does_not_answer(world):
    """A log that is down may be one that somebody cut off."""
    return Shown(world.sound_code.encode(), {"log": DeadSource()})


@bad_licence(finds="content.register_unavailable", verdict="cannot_say")
def register_that_does_not_answer(world):
    """What the register would say of it is not known."""
    return Shown(world.sound_ofd, {"register": DeadSource()})


@bad_licence(finds="content.register_unavailable", verdict="cannot_say")
def register_that_does_not_answer_about_a_code(world):
    """The same of a code."""
    return Shown(world.sound_code.encode(), {"register": DeadSource()})


def _logged(world, bundle):
    return Shown(world.sound_code.encode(), {"log": MemoryLog(bundle)})


def _proof(world, *, root=None, signer="log", origin=ORIGIN, code=None):
    salt = b"\x07" * 32
    digest = sm3.digest(unwrap(code or world.sound_code))
    leaf = LogLeaf(
        event=Event.ISSUED,
        issuer_kid=bytes(8),
        type_code=KIND_CODE,
        hour=498_000,
        commitment=log_leaf.commitment(salt, digest),
    )
    entries = [b"first", leaf.to_cbor(), b"third"]
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    checkpoint = Checkpoint(origin, len(entries), root or merkle.root(hashes))
    return TLogProof(
        index=1,
        hashes=tuple(merkle.inclusion_proof(hashes, 1)),
        checkpoint=sign_checkpoint(checkpoint, world.signer(signer)),
        extra=LeafOpening(leaf.to_cbor(), salt).to_cbor(),
    ).to_bytes()


def _printed(world, **changes):
    printed = visible_fields(world.record) | changes
    return sealed(world, unsealed(world.record, printed=printed))
