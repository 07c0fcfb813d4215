"""What the owner of a seal allows (用印规则): kinds, hours, how many a day, and whose approval.

* Terms never change. A new wish is the next version, proposed by one keeper of the seal and
  adopted or declined by another; the newest adopted version is in force.
* Without any version a seal is used on its kinds, at any time, for approved cases.
* Hours and days are those of Beijing, whatever the server's clock is set to.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
MAX_DAILY_LIMIT: Final = 10_000_000


class Approval(StrEnum):
    """Who approves a use."""

    CASE = "case"
    """Nobody further: the approved case that the licence comes from is the approval."""
    PERSON = "person"
    """A keeper of the seal, for each document."""


class PolicyState(StrEnum):
    """Where a version of a policy stands."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class UseWindow:
    """Hours on some days of the week in which a seal may be used, Beijing time."""

    weekdays: tuple[int, ...]
    """1 Monday to 7 Sunday (ISO 8601)."""
    opens: str
    """``HH:MM``, included."""
    closes: str
    """``HH:MM``, excluded; ``24:00`` is the end of the day."""

    def holds(self, at: datetime) -> bool:
        """Tell whether `at` lies in it."""
        local = at.astimezone(BEIJING)
        minute = local.hour * 60 + local.minute
        return local.isoweekday() in self.weekdays and (
            _minutes(self.opens) <= minute < _minutes(self.closes)
        )

    @property
    def is_empty(self) -> bool:
        """Whether no instant lies in it."""
        return not self.weekdays or _minutes(self.opens) >= _minutes(self.closes)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version allows."""

    kinds: tuple[str, ...] = ()
    """Kinds it may be used on, of those it was made for; without any, all of those."""
    windows: tuple[UseWindow, ...] = ()
    """Without any, at all hours."""
    daily_limit: int | None = None
    """Documents on one day of Beijing; None is no limit."""
    approval: Approval = Approval.CASE

    def to_json(self) -> str:
        """Return the terms as they are stored."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Terms":
        """Return the terms that were stored."""
        members = json.loads(text)
        windows = (
            UseWindow(tuple(entry["weekdays"]), entry["opens"], entry["closes"])
            for entry in members["windows"]
        )
        return cls(
            tuple(members["kinds"]),
            tuple(windows),
            members["daily_limit"],
            Approval(members["approval"]),
        )


@dataclass(frozen=True, slots=True)
class SealPolicy:
    """One version of a seal's policy."""

    issuer_code: str
    seal_id: str
    version: int
    """From 1, without gaps."""
    state: PolicyState
    terms: Terms
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


class Refusal(StrEnum):
    """Why a seal may not be used; `messages.toml` has a sentence for each."""

    NONE_ACTIVE = "seal.refusal.none_active"
    STATE = "seal.refusal.state"
    TYPE = "seal.refusal.type"
    KIND = "seal.refusal.kind"
    PERIOD = "seal.refusal.period"
    CERTIFICATE = "seal.refusal.certificate"
    KEY = "seal.refusal.key"
    POLICY_KIND = "seal.refusal.policy_kind"
    HOURS = "seal.refusal.hours"
    DAILY_LIMIT = "seal.refusal.daily_limit"
    APPROVAL = "seal.refusal.approval"
    DECLINED = "seal.refusal.declined"


def refused_by(terms: Terms, kind: str, *, used_today: int, at: datetime) -> Refusal | None:
    """Return why `terms` do not allow one more use on `kind` at `at`; None if they do.

    Approval is not looked at: it is about a document, not about the seal.
    """
    if terms.kinds and kind not in terms.kinds:
        return Refusal.POLICY_KIND
    if terms.windows and not any(window.holds(at) for window in terms.windows):
        return Refusal.HOURS
    if terms.daily_limit is not None and used_today >= terms.daily_limit:
        return Refusal.DAILY_LIMIT
    return None


def day_of(at: datetime) -> tuple[datetime, datetime]:
    """Return the day of Beijing that `at` lies in: its first instant, and that of the next."""
    local = at.astimezone(BEIJING)
    begins = datetime.combine(local.date(), time(), BEIJING).astimezone(at.tzinfo)
    return begins, begins + timedelta(days=1)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
