"""Revocation answers of the running service: enrolled, signed in advance, and kept fresh.

Lists are built in one transaction; OCSP answers are signed between two, chunk by chunk, so
that signing a million of them keeps nobody from writing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from ca import register, repository
from ca.errors import SerialInUseError, UnknownListError
from ca.keystore import Keystore, Purpose
from ca.profiles import PROFILES
from ca.revocation_answers import presigning
from ca.revocation_answers.partitions import PartitionedLists
from ca.revocation_answers.ports import AuditTrail, RevocationServices
from ca.revocation_answers.responder import AnsweredAuthority, Responder
from sealkit.asn1.x509 import Certificate
from sealkit.errors import InvalidSignatureError
from yinxin.db import Database
from yinxin.offline_authorities import AuthorityLists
from yinxin.trust import AUTHORITIES

RENEWAL_INTERVAL: Final = timedelta(seconds=15)
"""How often the lists are looked at: a revocation is listed well within a minute."""
RESPONDERS: Final = {"sub_ca": "ocsp"}
"""Authority → key that answers for it. The roots answer by their lists alone: their keys
belong offline, and nobody outside may make them sign."""
SYSTEM: Final = "system"

log = structlog.get_logger()


class RevocationAnswers:
    """Everything that the service does so that revocation can be asked about."""

    def __init__(
        self,
        keystore: Keystore,
        database: Database,
        audit: AuditTrail,
        partitions: Mapping[str, int],
        public_url: str,
        clock: Callable[[], datetime],
        lists: AuthorityLists,
    ) -> None:
        self._lists = lists
        self._keystore = keystore
        self._database = database
        self._audit = audit
        self._clock = clock
        self._numbers: list[int] = []
        self._partitioned = {
            name: PartitionedLists(name, count, f"{public_url}/crl")
            for name, count in partitions.items()
        }
        self.responder = Responder(
            [
                AnsweredAuthority(
                    name, keystore.certificate(name), keystore.signer(key, Purpose.OCSP)
                )
                for name, key in RESPONDERS.items()
            ]
        )

    def services(self) -> RevocationServices:
        """Return what the routes are given."""
        return RevocationServices(
            responder=self.responder,
            audit=self._audit,
            reading=self._database.reading,
            clock=self._clock,
            build_lists=self.build_lists,
        )

    def enrol(self, *, at: datetime) -> None:
        """Take the certificates of the keystore into the register, where they are not yet."""
        issuers = {name: self._keystore.certificate(name) for name in AUTHORITIES}
        with self._database.writing() as session:
            for name in self._keystore.names():
                certificate = self._keystore.certificate(name)
                authority = _issuer_of(certificate, issuers)
                if authority is None:
                    continue
                try:
                    register.enrol(
                        session,
                        authority_name=authority,
                        purpose=_purpose(name),
                        certificate=certificate,
                        at=at,
                    )
                except SerialInUseError:
                    # Only where keys were made again beside an old database.
                    log.error("revocation.serial_in_use", key=name)

    def build_lists(self, session: Session, authority: str, at: datetime) -> tuple[str, ...]:
        """Sign the lists of an authority that are due; return their paths below ``/crl/``.

        Raises:
            UnknownListError: if it is no authority of ours.
            PartitionsChangedError: if its number of partitions was changed.
        """
        if authority not in AUTHORITIES:
            raise UnknownListError("no revocation list of that name")
        newest = repository.newest_list(session, authority=authority)
        full = self._lists.current(session, authority, at)
        fresh = full is not None and (newest is None or newest.crl != full)
        built = (f"{authority}.crl",) if fresh else ()
        lists = self._partitioned.get(authority)
        if lists is None or self._lists.is_offline(authority):
            return built
        signer = self._keystore.signer(authority, Purpose.CRL)
        partitions = lists.build_due(session, signer, at=at)
        return built + tuple(f"{authority}/{partition}.crl" for partition in partitions)

    def renew_lists(self, *, at: datetime) -> bool:
        """Build the lists that are due; tell whether a full list is new since the last call."""
        with self._database.writing() as session:
            for name in AUTHORITIES:
                self.build_lists(session, name, at)
            newest = [repository.newest_list(session, authority=name) for name in AUTHORITIES]
        numbers = [stored.number if stored else 0 for stored in newest]
        seen, self._numbers = self._numbers, numbers
        return seen != numbers

    def presign(self) -> int:
        """Sign the OCSP answers that are missing or half used up; return how many."""
        return sum(self._presign(authority) for authority in self.responder.authorities)

    def _presign(self, authority: AnsweredAuthority) -> int:
        total = after = 0
        while True:
            at = self._clock()
            with self._database.reading() as session:
                found = presigning.due(session, authority, at=at, after=after)
            if found is None:
                return total
            signed = presigning.sign(authority, found, at=at)
            with self._database.writing() as session:
                kept = presigning.store(session, authority, signed)
                self._audit.record(
                    session,
                    actor=SYSTEM,
                    act="ocsp.presign",
                    subject=authority.name,
                    at=at,
                    detail={"answers": str(kept)},
                )
            total += kept
            after = found.serials[-1]


def _issuer_of(certificate: Certificate, issuers: Mapping[str, Certificate]) -> str | None:
    for name, issuer in issuers.items():
        if certificate.issuer_der == issuer.subject_der and certificate.der != issuer.der:
            try:
                certificate.verify_signed_by(issuer)
            except InvalidSignatureError:
                continue  # another authority of that name
            return name
    return None


def _purpose(key: str) -> str:
    """Return the profile that a key of the keystore is named after."""
    named = [purpose for purpose in PROFILES if key.startswith(purpose)]
    return max(named, key=len) if named else key[:32]
