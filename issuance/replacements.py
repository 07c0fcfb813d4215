"""New editions that are asked for: 延续 renewed, 变更 changed, 补发 reissued, 换发 exchanged.

* The new edition keeps the licence's serial and gets the next version.
* Kind and holders' numbers stay; a licence does not pass to somebody else this way.
* A licence that has ended is not renewed; it is applied for anew.
* Nothing happens to the present edition until the new one is published.

Mending an error is none of these: that is a correction (更正), which an objection leads to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from issuance import repository
from issuance.application_data import LicenceData
from issuance.errors import DataProblem, InvalidDataError, TransitionError, UnknownLicenceError
from issuance.licence_record import data_of, record_of
from issuance.ports import Vault
from issuance.register_rows import Edition
from issuance.sentences import sentence
from issuance.states import UNPUBLISHED, EditionState

NEW: Final = "01"
"""change_reasons of the code lists: 新发."""


class Reason(StrEnum):
    """Why a new edition is asked for."""

    RENEWAL = "renewal"
    CHANGE = "change"
    REISSUE = "reissue"
    EXCHANGE = "exchange"


REASON_CODES: Final[Mapping[Reason, str]] = {
    Reason.RENEWAL: "02",
    Reason.CHANGE: "03",
    Reason.REISSUE: "05",
    Reason.EXCHANGE: "06",
}
"""change_reasons of the code lists: 延续, 变更, 补发, 换发."""
NOTICES: Final[Mapping[str, str]] = {
    "02": "licence.renewed",
    "03": "licence.changed",
    "05": "licence.reissued",
    "06": "licence.exchanged",
}
"""What those who relied on the earlier edition are told, by reason code."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Which licence a new edition is asked for, and why."""

    identifier: str
    """Of any edition of the licence."""
    reason: Reason


def licence_to_replace(
    session: Session, vault: Vault, asked: Replacement, *, issuer_code: str, kind: str
) -> Edition:
    """Return the edition in force that would be replaced.

    Raises:
        UnknownLicenceError: if the issuer has no such licence of this kind.
        TransitionError: if none of its editions is active, or the next is in the making.
    """
    named = repository.edition_by_identifier(session, asked.identifier)
    if named is None or named.issuer_code != issuer_code or named.kind != kind:
        raise UnknownLicenceError
    return newest_in_force(session, issuer_code, named.serial, asked.reason.value)


def newest_in_force(session: Session, issuer_code: str, serial: str, step: str) -> Edition:
    """Return the newest edition of a licence, which must be active.

    Raises:
        TransitionError: naming its state, if it is not.
    """
    newest = repository.edition_chain(session, issuer_code, serial)[-1]
    if newest.state is not EditionState.ACTIVE:
        state = "in the making" if newest.state in UNPUBLISHED else newest.state.value
        raise TransitionError(f"licence {newest.identifier}", state, step)
    return newest


def require_same_holders(vault: Vault, previous: Edition, data: LicenceData) -> None:
    """Refuse data that would give the licence to somebody else.

    Raises:
        InvalidDataError: if the holders' numbers differ.
    """
    before = data_of(record_of(vault, previous)).holders
    if sorted(h.code for h in before) == sorted(h.code for h in data.holders):
        return
    zh, en = sentence("data.holder.not_of_licence", {}, {})
    raise InvalidDataError([DataProblem("holders", "data.holder.not_of_licence", zh, en)])
