"""Targets in what is said of states: lists as JWT, deltas, frozen days."""

from sealkit import status_chain, status_day, status_delta, status_list_jwt, status_slip
from sealkit.errors import InvalidProofError, TokenTimeError
from sealkit.status_list import StatusList
from tests.conformance.instants import AT
from tests.fuzz.codes_and_tokens import as_token, text_of
from tests.fuzz.signed_structures import KEY, VERDICTS
from tests.fuzz.target import target

TOKEN_ERRORS = (*VERDICTS, TokenTimeError)


@target(status_delta.parse_delta, refuses=(*VERDICTS, InvalidProofError))
def status_change(foreign):
    """A delta of a status list, and its signature."""
    found = status_delta.parse_delta(foreign)
    found.verify(KEY.public_key)
    found.apply(StatusList(16))


@target(status_chain.parse_status, refuses=VERDICTS)
def followed_status(foreign):
    """A status list with its deltas, and its signatures."""
    status_chain.parse_status(foreign).verify(KEY.public_key)


@target(status_slip.parse_slip, refuses=VERDICTS)
def slip(foreign):
    """A status slip as scanned, and its signature."""
    status_slip.parse_slip(text_of(foreign)).verify(KEY.public_key)


@target(status_slip.parse_slip_token, refuses=VERDICTS)
def packed_slip(foreign):
    """What is inside the Base45 of a status slip."""
    status_slip.parse_slip_token(foreign)


@target(status_day.parse_day, status_day.parse_date, refuses=VERDICTS)
def frozen_status(foreign):
    """The frozen list of a day, and its signature."""
    status_day.parse_day(foreign).verify(KEY.public_key)


@target(status_list_jwt.read_jwt, refuses=TOKEN_ERRORS, max_bytes=8192)
def status_jwt(foreign):
    """A status list as JWT, as it arrives."""
    status_list_jwt.read_jwt(text_of(foreign), [KEY.public_key], at=AT)


@target(status_list_jwt.read_jwt, refuses=TOKEN_ERRORS)
def status_jwt_members(foreign):
    """What a status list as JWT says, signed by a key that we believe."""
    token = as_token(foreign, status_list_jwt.TYP)
    status_list_jwt.read_jwt(token, [KEY.public_key], at=AT)
