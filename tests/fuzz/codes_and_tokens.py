"""Targets in CBOR, JSON and text."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime

from sealkit import (
    cbor,
    check_digits,
    checkpoint,
    identifiers,
    jwk,
    log_leaf,
    receipt,
    signed_note,
    status_list,
    tlog_proof,
    tokens,
)
from sealkit.errors import (
    InvalidKeyError,
    InvalidProofError,
    MalformedError,
    TokenTimeError,
    UnsupportedError,
)
from sealkit.formats.code import base45, claims, container, cose, credential
from sealkit.record import LicenceRecord
from tests.conformance.instants import AT
from tests.fuzz.signed_structures import KEY, VERDICTS
from tests.fuzz.target import target
from verification.certificate_free import expressions, item_files, quantities
from verification.certificate_free.expressions import ExpressionError

TOKEN_ERRORS = (*VERDICTS, TokenTimeError)


def text_of(foreign):
    """Return bytes as text, also those that are none."""
    return foreign.decode("utf-8", "surrogateescape")


def json_of(foreign):
    """Return the JSON value of bytes that hold one."""
    try:
        return json.loads(foreign)
    except (ValueError, RecursionError) as error:
        raise MalformedError("no JSON") from error


def as_token(payload, typ):
    """Return a token of `payload` that `KEY` signed, so that what it says is looked at."""
    header = {"alg": tokens.ALGORITHM, "typ": typ, "kid": KEY.public_key.kid.hex()}
    parts = [json.dumps(header).encode(), payload]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    value = base64.urlsafe_b64encode(KEY.sign(signed)).rstrip(b"=")
    return b".".join((signed, value)).decode()


@target(cbor.decode)
def cbor_item(foreign):
    """One CBOR item."""
    cbor.decode(foreign)
    cbor.decode(foreign, indefinite=False)


@target(cose.parse, refuses=VERDICTS)
def cose_message(foreign):
    """A COSE_Sign1, and its signature."""
    cose.parse(foreign).verify(KEY.public_key)


@target(claims.parse_claims)
def code_claims(foreign):
    """The claims of a licence code."""
    claims.parse_claims(foreign)


@target(base45.decode)
def base45_text(foreign):
    """Base45."""
    base45.decode(text_of(foreign))


@target(container.unwrap, credential.decode, refuses=VERDICTS)
def licence_code(foreign):
    """A licence code as scanned, and its signature."""
    with suppress(MalformedError, UnsupportedError):
        container.unwrap(text_of(foreign))
    credential.decode(text_of(foreign)).verify(KEY.public_key)


@target(container.unwrap, credential.decode, refuses=VERDICTS)
def packed_code(foreign):
    """What is inside the Base45 of a licence code: zlib streams and COSE."""
    credential.decode(container.PREFIX + base45.encode(foreign))


@target(status_list.parse_token, refuses=VERDICTS)
def status_token(foreign):
    """A token of a status list, and its signature."""
    found = status_list.parse_token(foreign)
    found.statuses.get(0)
    found.verify(KEY.public_key)


@target(status_list.StatusList.unpack)
def packed_statuses(foreign):
    """The deflated entries of a status list, after one byte of width."""
    status_list.StatusList.unpack(foreign[1:], foreign[0] if foreign else 0)


@target(receipt.parse_receipt, tokens.verify_token, refuses=TOKEN_ERRORS, max_bytes=8192)
def receipt_token(foreign):
    """A receipt as it arrives."""
    receipt.parse_receipt(text_of(foreign), KEY.public_key, at=AT)


@target(receipt.parse_receipt, tokens.verify_token, refuses=TOKEN_ERRORS)
def receipt_members(foreign):
    """What a receipt says, signed by a key that we believe."""
    receipt.parse_receipt(as_token(foreign, receipt.TYP), KEY.public_key, at=AT)


@target(LicenceRecord.from_json)
def licence_record(foreign):
    """The record inside a licence, and the copies that are derived of it."""
    found = LicenceRecord.from_json(foreign)
    found.metadata()
    assert LicenceRecord.from_json(found.to_json()) == found


@target(checkpoint.parse_checkpoint, checkpoint.read_hash, refuses=VERDICTS)
def log_checkpoint(foreign):
    """A checkpoint of a log, and its signature."""
    found = checkpoint.parse_checkpoint(foreign)
    found.verify(KEY.public_key, name=found.checkpoint.origin)


@target(signed_note.parse_note)
def note(foreign):
    """A signed note."""
    signed_note.parse_note(foreign)


@target(tlog_proof.parse_tlog_proof, refuses=(*VERDICTS, InvalidProofError))
def log_proof(foreign):
    """A proof that the log holds an entry."""
    tlog_proof.parse_tlog_proof(foreign).verify_inclusion(b"entry")


@target(log_leaf.parse_leaf)
def log_entry(foreign):
    """An entry of the log."""
    assert log_leaf.parse_leaf(foreign).at > datetime(1969, 1, 1, tzinfo=UTC)


@target(log_leaf.parse_opening, refuses=(InvalidProofError,))
def log_opening(foreign):
    """What a holder keeps to open an entry."""
    log_leaf.parse_opening(foreign).verify(bytes(32))


@target(identifiers.parse_identifier)
def licence_identifier(foreign):
    """A licence identifier as somebody typed it."""
    identifiers.parse_identifier(text_of(foreign))


@target(jwk.from_jwk, refuses=(InvalidKeyError,))
def json_web_key(foreign):
    """A key as JSON."""
    members = json_of(foreign)
    if isinstance(members, dict):
        jwk.thumbprint(jwk.from_jwk(members))


@target(
    check_digits.uscc_problem,
    check_digits.organisation_code_problem,
    check_digits.citizen_number_problem,
)
def printed_numbers(foreign):
    """Numbers of organisations and citizens as somebody typed them."""
    text = text_of(foreign)
    check_digits.uscc_problem(text)
    check_digits.organisation_code_problem(text)
    check_digits.citizen_number_problem(text, AT)


@target(expressions.parse_expression, refuses=(ExpressionError,))
def expression(foreign):
    """An expression of an item."""
    for call in expressions.parse_expression(text_of(foreign)).calls():
        assert str(call)


@target(item_files.read_item, max_bytes=8192)
def item_file(foreign):
    """A file that describes an item."""
    item_files.read_item(foreign, "item.toml", {})


@target(quantities.amount_in_yuan, quantities.area_in_square_metres, max_bytes=256)
def quantity(foreign):
    """Amounts and areas as licences print them."""
    text = text_of(foreign)
    quantities.amount_in_yuan(text)
    quantities.area_in_square_metres(text)
    quantities.area_in_square_metres(text, "面积")
