"""One running service: everything that the packages are given, put together once."""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ca.enrolment import issuing
from ca.enrolment.ports import EnrolmentServices
from ca.escrow.ports import EscrowServices
from ca.keystore import Keystore
from ca.log import TransparencyLog
from ca.ports import CAServices
from ca.timestamp import TimestampAuthority
from ca.timestamp_serials import TimestampSerials
from issuance import mint
from issuance.archive.making import ArchiveServices
from issuance.batches.running import BatchRunner
from issuance.change_entries import log_earlier_changes
from issuance.model import load_kinds
from issuance.ports import IssuanceServices, KeyNames
from issuance.render.supplied_face import install
from issuance.status_lists.days import freeze_due_days
from mutual_recognition.agreements import Agreement, load_agreements
from mutual_recognition.ports import RecognitionServices
from verification.ports import VerificationServices
from yinxin.adapters import Licences, LogProofs, Register, Reliances
from yinxin.audit import AuditChain, records_about
from yinxin.audit_heads import sign_head
from yinxin.batch_worker import BatchWorker
from yinxin.clock import CHECK_EVERY, WatchedClock, watched_clock
from yinxin.db import Database, sqlite_url
from yinxin.documents import OwnDocuments
from yinxin.enrolment import enrolment_services, escrow_services
from yinxin.files import EncryptedFileStore
from yinxin.freshness import Freshness
from yinxin.glyphs import glyphs_directory, supplied_glyphs
from yinxin.guessing import GuardedRegister, Guesses
from yinxin.identity import Identities
from yinxin.items_commands import catalogue
from yinxin.key_uses import directory_of, record_head, recorded
from yinxin.keystores import open_keystore
from yinxin.offline_authorities import AuthorityLists
from yinxin.peers import PeerStatus
from yinxin.region import Region, load_region
from yinxin.report_pages import DrawnReports
from yinxin.retention import RETENTION_EVERY, destroy_erased, erase_batch_files
from yinxin.revocation_answers import RENEWAL_INTERVAL, RevocationAnswers
from yinxin.settings import Settings, require_production_ready
from yinxin.status_tokens import StatusTokens
from yinxin.trust import OwnTrust, Trust
from yinxin.trust_publishing import Publisher
from yinxin.vault import Vault, load_vault, make_development_key

TRUST_REFRESH = timedelta(minutes=5)
AUDIT_HEAD_EVERY = timedelta(hours=1)
STATUS_DAYS_EVERY = timedelta(minutes=5)
PLANS_EVERY = timedelta(minutes=5)
"""How often plans that were refused are tried again, by seal hours for one."""
PLAN_IS_LEFT = timedelta(minutes=10)
"""A younger plan is somebody's work under way."""
TIMESTAMP_SERVICE = "tsa"
LOG_NAME = "licences"


@dataclass(frozen=True)
class Context:
    """A service with its collaborators. Close it when done."""

    settings: Settings
    region: Region
    database: Database
    vault: Vault
    files: EncryptedFileStore
    keystore: Keystore
    identities: Identities
    trust: Trust
    status: PeerStatus
    status_tokens: StatusTokens
    publisher: Publisher
    ca: CAServices
    enrolment: EnrolmentServices
    escrow: EscrowServices
    issuance: IssuanceServices
    archive: ArchiveServices
    verification: VerificationServices
    recognition: RecognitionServices
    freshness: Freshness
    revocation: RevocationAnswers
    revocation_renewal: Freshness
    batches: BatchWorker
    clock: WatchedClock
    clock_checks: Freshness
    audit_heads: Freshness
    status_days: Freshness
    plans: Freshness
    erasures: Freshness
    retention: Freshness

    @staticmethod
    def now() -> datetime:
        """Return the present instant; the one place where the service reads the clock."""
        return datetime.now(UTC)

    def refresh_trust(self) -> None:
        """Gather and publish trust material anew."""
        self.trust.refresh(at=self.now())

    def renew_revocation(self) -> None:
        """Build and sign what is due of revocation lists and OCSP answers."""
        _renew_revocation(self.revocation, self.trust)

    def examples(self) -> list[dict[str, str]]:
        """Return the phone pages that the demonstration made; none elsewhere."""
        file = self.settings.data_directory / "examples.json"
        if not self.settings.demonstration or not file.is_file():
            return []
        examples: list[dict[str, str]] = json.loads(file.read_text("utf-8"))
        return examples

    def close(self) -> None:
        """Stop the background work and close the database."""
        self.batches.stop()
        self.clock_checks.stop()
        self.audit_heads.stop()
        self.plans.stop()
        self.erasures.stop()
        self.retention.stop()
        self.status_days.stop()
        self.revocation_renewal.stop()
        self.freshness.stop()
        # What was done since the last hour is not left without a signature.
        _sign_head(self.database, self.keystore)
        self.keystore.close()
        self.database.close()


def open_context(settings: Settings) -> Context:
    """Put a service together: migrate, open keys, gather trust, finish planned licences.

    Raises:
        SettingsError: if a setting must be changed before it may start.
    """
    require_production_ready(settings)
    region = load_region(settings.region)
    database = open_database(settings)
    database.upgrade()
    vault = _vault(settings)
    uses = directory_of(settings.data_directory)
    keystore = recorded(open_keystore(settings), uses, Context.now)
    # The same after a restart: what it held when it stopped it takes up at once.
    name = f"{socket.gethostname()}/service"
    context = _assemble(settings, region, database, vault, keystore, worker=name)
    context.revocation.enrol(at=context.now())
    context.revocation.renew_lists(at=context.now())
    # Before anything is stamped.
    context.clock.check()
    context.refresh_trust()
    context.revocation.presign()
    with database.writing() as session:
        mint.resume_plans(session, context.issuance, at=context.now())
        log_earlier_changes(session, context.issuance, at=context.now())
        issuing.resume(session, context.enrolment, at=context.now())
    context.freshness.start()
    context.revocation_renewal.start()
    context.batches.start()
    context.clock_checks.start()
    context.audit_heads.start()
    context.status_days.start()
    context.plans.start()
    context.erasures.start()
    context.retention.start()
    return context


def open_worker_context(settings: Settings) -> Context:
    """Put together what serves requests beside a process that `open_context` runs in.

    It migrates, resumes and signs nothing in advance: what the first process began it also
    finishes, and a second one at it would do the work twice for nothing.
    """
    require_production_ready(settings)
    database = open_database(settings)
    keys = recorded(open_keystore(settings), directory_of(settings.data_directory), Context.now)
    region, name = load_region(settings.region), f"{socket.gethostname()}/{os.getpid()}"
    context = _assemble(settings, region, database, _vault(settings), keys, worker=name)
    context.clock.check()
    context.refresh_trust()
    context.freshness.start()
    context.clock_checks.start()
    return context


@contextmanager
def assembled(settings: Settings) -> Iterator[Context]:
    """Give the parts of a service that does not serve: nothing is migrated, resumed or begun.

    Raises:
        SettingsError, CAError: as `open_context`.
    """
    require_production_ready(settings)
    database = open_database(settings)
    keys = recorded(open_keystore(settings), directory_of(settings.data_directory), Context.now)
    try:
        yield _assemble(settings, load_region(settings.region), database, _vault(settings), keys)
    finally:
        keys.close()
        database.close()


def open_database(settings: Settings) -> Database:
    """Return the database of a service, whether or not it runs."""
    return Database(settings.database_url or sqlite_url(settings.data_directory / "yinxin.db"))


def _assemble(
    settings: Settings,
    region: Region,
    database: Database,
    vault: Vault,
    keystore: Keystore,
    *,
    worker: str = "",
) -> Context:
    # They belong to the process, as the typefaces that ship do.
    install(supplied_glyphs(glyphs_directory(settings)))
    files = EncryptedFileStore(settings.data_directory / "files", vault)
    audit = AuditChain()
    log = TransparencyLog(LOG_NAME, f"{_host(settings.public_url)}/log")
    kinds = load_kinds()
    kind_codes = {name: kind.codes for name, kind in kinds.items()}
    publisher = Publisher(settings.data_directory / "trust_list", keystore)
    lists = AuthorityLists(keystore, settings.offline_authorities)
    trust = Trust(
        OwnTrust(region, keystore, log, kind_codes, lists),
        publisher,
        database,
        settings.peers,
        settings.data_directory / "peers",
    )

    revocation = RevocationAnswers(
        keystore, database, audit, settings.crl_partitions, settings.public_url, Context.now, lists
    )

    clock = watched_clock(settings, database)

    # One counter for both, so that a number is never met twice.
    serials = TimestampSerials(database.writing, TIMESTAMP_SERVICE)
    sm2_timestamps, ecdsa_timestamps = (
        TimestampAuthority(
            keystore.signer(key), settings.timestamp_policy, clock.is_sound, serials.next
        )
        for key in ("timestamp", "timestamp_ecdsa")
    )
    departments = {entry.code: entry for entry in region.departments.values()}
    issuance = IssuanceServices(
        region=region.code,
        public_url=settings.public_url,
        departments=departments,
        kinds=kinds,
        keys=keystore,
        chain=(keystore.certificate("sub_ca").der,),
        vault=vault,
        files=files,
        audit=audit,
        timestamps=sm2_timestamps,
        ecdsa_timestamps=ecdsa_timestamps,
        log=log,
        trust=trust.store,
        reliance=Reliances(),
        key_names=KeyNames(
            pdf_signer_ecdsa="pdf_signer_ecdsa" if settings.pdf_ecdsa_signature else None
        ),
        demonstration=settings.demonstration,
    )
    status_tokens = StatusTokens(database, issuance, Context.now)
    status = PeerStatus(
        status_tokens.token, settings.peers, Context.now, status_tokens.day, trust.store
    )
    guesses = Guesses()
    verification = VerificationServices(
        trust=trust.store,
        clock=Context.now,
        region=region.code,
        status=status,
        log=LogProofs(database, files),
        register=lambda session: GuardedRegister(
            Register(session, departments, region.code),
            guesses,
            session.info.get("client", ""),
            Context.now,
        ),
        licences=Licences(vault, files, kinds),
        receipt_signer=keystore.signer("receipt"),
        audit=audit,
        holders=vault,
        items=catalogue(settings.items_directory, kinds),
        max_document_bytes=settings.max_upload_bytes,
        documents=OwnDocuments(files),
        report_pages=DrawnReports(keystore),
        days=status,
    )
    return Context(
        settings=settings,
        region=region,
        database=database,
        vault=vault,
        files=files,
        keystore=keystore,
        identities=Identities(
            keystore.signer("token"), keystore.certificate("token").sm2_key, database, vault
        ),
        trust=trust,
        status=status,
        status_tokens=status_tokens,
        publisher=publisher,
        ca=CAServices(
            timestamps=sm2_timestamps,
            ecdsa_timestamps=ecdsa_timestamps,
            log=log,
            revocation=revocation.services(),
        ),
        enrolment=enrolment_services(settings, keystore, audit),
        escrow=escrow_services(settings, audit),
        issuance=issuance,
        archive=ArchiveServices(issuance, trust.store, status_tokens.token, records_about),
        verification=verification,
        recognition=RecognitionServices(
            published=lambda _session, path: publisher.file(path),
            verification=verification,
            agreements=_agreements_with_others(region.code),
        ),
        freshness=Freshness(lambda: trust.refresh(at=Context.now()), TRUST_REFRESH),
        revocation=revocation,
        revocation_renewal=Freshness(
            lambda: _renew_revocation(revocation, trust), RENEWAL_INTERVAL
        ),
        batches=BatchWorker(BatchRunner(issuance, database.writing, worker), Context.now),
        clock=clock,
        clock_checks=Freshness(clock.check, CHECK_EVERY),
        audit_heads=Freshness(lambda: _sign_head(database, keystore), AUDIT_HEAD_EVERY),
        status_days=Freshness(lambda: _freeze_days(database, issuance, clock), STATUS_DAYS_EVERY),
        plans=Freshness(lambda: retry_plans(database, issuance, Context.now()), PLANS_EVERY),
        retention=Freshness(
            lambda: erase_batch_files(database, issuance, settings, Context.now()), RETENTION_EVERY
        ),
        erasures=Freshness(lambda: destroy_erased(database, issuance, Context.now()), PLANS_EVERY),
    )


def _renew_revocation(revocation: RevocationAnswers, trust: Trust) -> None:
    if revocation.renew_lists(at=Context.now()):
        trust.refresh(at=Context.now())  # so that our own verifier reads the new lists too
    revocation.presign()


def _sign_head(database: Database, keystore: Keystore) -> None:
    with database.writing() as session:
        at = Context.now()
        record_head(session, keystore, at=at)
        sign_head(session, keystore.signer("audit"), at=at)


def retry_plans(database: Database, issuance: IssuanceServices, at: datetime) -> None:
    """Go on with plans that were refused: hours that began, a seal or key that was repaired."""
    with database.writing() as session:
        mint.resume_plans(session, issuance, at=at, planned_until=at - PLAN_IS_LEFT)


def _freeze_days(database: Database, issuance: IssuanceServices, clock: WatchedClock) -> None:
    at = Context.now()
    # A clock that runs ahead would freeze days that are not over.
    if clock.is_sound():
        with database.writing() as session:
            freeze_due_days(session, issuance, at=at)


def _agreements_with_others(own: str) -> Mapping[str, Agreement]:
    return {code: entry for code, entry in load_agreements().items() if code != own}


def _vault(settings: Settings) -> Vault:
    key_file = settings.vault_key_file or settings.data_directory / "vault.key"
    if settings.vault_key_file is None and not key_file.exists():
        make_development_key(key_file)
    return load_vault(key_file)


def _host(address: str) -> str:
    return address.partition("://")[2]
