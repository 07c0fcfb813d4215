"""What others need to verify our licences, gathered and published; and what we know of others.

Gathering needs the revocation lists, which may have to be signed anew, so it happens in a
transaction of its own: at the start, every few minutes, and when something was revoked. In
between everybody is given the same `TrustStore`, with what was proven by it.
"""

import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.orm import Session

from ca.keystore import Keystore
from ca.log import TransparencyLog
from mutual_recognition.errors import MutualRecognitionError
from mutual_recognition.store import RegionStore
from verification.trust import Authority, LogIdentity, RegionTrust, TrustStore
from yinxin.db import Database
from yinxin.offline_authorities import AuthorityLists
from yinxin.peers import mirror_of
from yinxin.region import Region
from yinxin.trust_publishing import Publisher

AUTHORITIES: Final = ("root", "sub_ca", "ecdsa_root")
"""Certificate authorities whose revocation lists we publish."""

log = structlog.get_logger()


class OwnTrust:
    """The trust material of the region we serve."""

    def __init__(
        self,
        region: Region,
        keystore: Keystore,
        log: TransparencyLog,
        kind_codes: Mapping[str, tuple[str, ...]],
        lists: AuthorityLists,
    ) -> None:
        self._lists = lists
        self._region = region
        self._keystore = keystore
        self._log = log
        self._kind_codes = kind_codes

    def gather(self, session: Session, *, at: datetime) -> RegionTrust:
        """Return the material as of `at`; revocation lists that are due are signed."""
        certificate = self._keystore.certificate
        root = certificate("root")

        def only(name: str) -> tuple[bytes, ...]:
            return (certificate(name).der,)

        return RegionTrust(
            region=self._region.code,
            name_zh=self._region.name_zh,
            anchors=(root.der, certificate("ecdsa_root").der),
            intermediates=(certificate("sub_ca").der,),
            crls=tuple(
                newest
                for name in AUTHORITIES
                if (newest := self._lists.current(session, name, at)) is not None
            ),
            authorities=tuple(
                Authority(
                    code=department.code,
                    name=department.name,
                    # Codes of earlier days too: licences that carry them stay valid.
                    kind_codes=tuple(
                        code for kind in department.kinds for code in self._kind_codes[kind]
                    ),
                    valid_from=root.not_before,
                    valid_until=None,
                    certificates=(certificate(department.seal_key).der,),
                )
                for department in self._region.departments.values()
            ),
            log=LogIdentity(self._log.origin, certificate("log").der),
            as_of=at.replace(microsecond=0),
            seal_makers=only("seal_maker"),
            pdf_signers=only("pdf_signer"),
            code_signers=only("code_signer"),
            status_signers=only("status_signer"),
            receipt_signers=only("receipt"),
        )


class Trust:
    """The trust store of this moment: ours, and what is known of our peers."""

    def __init__(
        self,
        own: OwnTrust,
        publisher: Publisher,
        database: Database,
        peers: Mapping[str, str],
        directory: Path,
    ) -> None:
        self._own = own
        self._publisher = publisher
        self._database = database
        self._peers = peers
        self._directory = directory
        self._store = TrustStore(())
        self._refreshing = threading.Lock()

    def store(self) -> TrustStore:
        """Return the present store."""
        return self._store

    def gathered(self, *, at: datetime) -> TrustStore:
        """Return our own material alone, as of `at`, without publishing it."""
        with self._database.writing() as session:
            return TrustStore((self._own.gather(session, at=at),))

    def refresh(self, *, at: datetime) -> None:
        """Gather our material, publish it, and fetch our peers'; keep old where none is new."""
        with self._refreshing:
            self._refresh(at)

    def _refresh(self, at: datetime) -> None:
        with self._database.writing() as session:
            own = self._own.gather(session, at=at)
        self._publisher.publish(own, at=at)
        regions = (own, *self._of_peers())
        if regions != self._store.regions:
            self._store = TrustStore(regions)

    def introduce(self, region: str, root: bytes) -> None:
        """Take a peer's first root metadata, received by hand."""
        folder = self._directory / region
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "root.json").write_bytes(root)

    def _of_peers(self) -> list[RegionTrust]:
        found = []
        for region, address in self._peers.items():
            folder = self._directory / region
            if not (folder / "root.json").is_file():
                continue
            root = (folder / "root.json").read_bytes()
            trust = _of_peer(RegionStore(folder, root, region=region), region, address)
            if trust is not None:
                found.append(trust)
        return found


def _of_peer(store: RegionStore, region: str, address: str) -> RegionTrust | None:
    """Return a peer's newest material, else the last that held, else None."""
    try:
        return store.refresh(mirror_of(address))
    except (MutualRecognitionError, OSError) as error:
        log.warning("trust.peer_failed", region=region, error=type(error).__name__)
    try:
        return store.last_good()
    except (MutualRecognitionError, OSError) as error:
        log.warning("trust.kept_unreadable", region=region, error=type(error).__name__)
        return None
