"""A licence as its holder sees it on the phone; each look is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from markupsafe import Markup
from sqlalchemy.orm import Session

from issuance import repository
from issuance.licence_record import record_of
from issuance.register_rows import Edition
from issuance.states import IN_FORCE, EditionState
from issuance.status_lists.slips import status_slip
from sealkit.record import LicenceRecord, printed_form
from sealkit.status_slip import parse_slip
from yinxin import holder_links
from yinxin.beijing import clock_text, today
from yinxin.context import Context
from yinxin.holder_links import HolderLink
from yinxin.qr_pictures import qr_svg
from yinxin.words import words

HANDED_OUT: Final = ("ofd", "pdf", "proof")
"""What a holder can take home: the licence, and that the transparency log has it."""


@dataclass(frozen=True, slots=True)
class HolderLicence:
    """What the page shows."""

    kind_name: str
    kind_name_en: str
    state: str
    """Key below ``state.`` in the page's words."""
    usable: bool
    summary: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    code_svg: Markup = field(repr=False)
    slip: str = field(repr=False)
    """Its status slip, for checkers without a network."""
    slip_svg: Markup = field(repr=False)
    slip_until: str
    """Last instant at which the slip counts, for people."""
    file_keys: Mapping[str, str]
    """Form → key in the file store."""
    links: int
    """How many phone links open the licence."""


def load_holder_licence(
    context: Context, session: Session, link: HolderLink, at: datetime
) -> HolderLicence | None:
    """Return the newest published edition behind `link`, or None; the look is recorded."""
    chain = repository.edition_chain(session, link.issuer_code, link.serial)
    published = [edition for edition in chain if edition.published_at is not None]
    if not published:
        return None
    edition = published[-1]
    files = repository.files(session, edition.key)
    record = record_of(context.vault, edition)
    context.issuance.audit.record(
        session,
        actor="holder-link",
        act="licence.shown",
        subject=edition.identifier,
        at=at,
        detail={"kind": edition.kind},
    )
    kind = context.issuance.kinds[edition.kind]
    slip = status_slip(session, context.issuance, edition, actor="holder-link", at=at)
    state = _state(edition, at)
    return HolderLicence(
        kind_name=edition.kind_name,
        kind_name_en=kind.name_en,
        state=state,
        usable=state in ("active", "disputed"),
        summary=_summary(record),
        fields=tuple((entry.label, printed_form(entry.value)) for entry in record.fields),
        code_svg=qr_svg(context.files.get(files["code.txt"].key).decode("ascii")),
        slip=slip,
        slip_svg=qr_svg(slip),
        slip_until=clock_text(parse_slip(slip).expires_at),
        file_keys={form: files[form].key for form in HANDED_OUT if form in files},
        links=holder_links.count(session, link, at=at),
    )


def _state(edition: Edition, at: datetime) -> str:
    if edition.state in IN_FORCE and edition.valid_until < today(at):
        return "expired"
    if edition.state is EditionState.ACTIVE and edition.disputed:
        return "disputed"
    return edition.state.value


def _summary(record: LicenceRecord) -> tuple[tuple[str, str], ...]:
    say = words()
    return (
        (say.zh("licence.holders"), "、".join(holder.name for holder in record.holders)),
        (say.zh("licence.number"), record.number),
        (say.zh("licence.issuer_name"), record.issuer_name),
        (say.zh("licence.issued_on"), printed_form(record.issued_on)),
        (say.zh("licence.valid_until"), printed_form(record.valid_until)),
    )
