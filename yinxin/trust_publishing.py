"""Publishing our trust list into a directory, as other regions mirror it.

* A version is spent before it is used, so that two lists never share one.
* The root metadata is renewed when it is half used up, if its keys are at hand. In production
  they are offline: then the renewed root is made where they are and brought here
  (`Publisher.adopt_root`), and until then the log warns.
* Publications that no reader can still be in the middle of are removed.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from ca.keystore import Keystore
from mutual_recognition.trust_list import (
    TrustListKeys,
    make_root,
    publication_files,
    publish,
    renew_root,
    renewal_is_due,
    succeeds,
)
from sealkit.sm import sm3
from verification.trust import RegionTrust

REPUBLISH_AFTER: Final = timedelta(hours=6)
KEPT_PUBLICATIONS: Final = 16
"""A reader needs seconds; this many are left for a slow mirror."""

_ROOT_KEYS: Final = ("trust_root_1", "trust_root_2", "trust_root_3")
_MAX_NAME_BYTES: Final = 200

log = structlog.get_logger()


class Publisher:
    """Publishes our trust list."""

    def __init__(self, directory: Path, keystore: Keystore) -> None:
        """Publish below `directory`; the root keys are used when `keystore` has them."""
        self._directory = directory
        present = keystore.names()
        self._keys = TrustListKeys(
            root=tuple(keystore.signer(name) for name in _ROOT_KEYS if name in present),
            targets=keystore.signer("trust_targets"),
            online=keystore.signer("trust_online"),
        )
        directory.mkdir(parents=True, exist_ok=True)

    def publish(self, trust: RegionTrust, *, at: datetime) -> None:
        """Publish `trust` if it changed, or if the last publication is some hours old.

        One at a time, among processes too: two lists must never share a version.
        """
        with self._alone():
            self._renew_root(at)
            self._publish(trust, at=at)

    def root(self, at: datetime) -> bytes:
        """Return the first root metadata, which another region is given by hand."""
        file = self._directory / "metadata" / "1.root.json"
        if not file.is_file():
            self._write("metadata/1.root.json", make_root(self._keys, version=1, at=at))
        return file.read_bytes()

    def adopt_root(self, renewed: bytes) -> None:
        """Publish a root that was renewed where its keys are.

        Raises:
            TrustListError: if it does not follow the newest one, signed by both their keys.
        """
        with self._alone():
            number = succeeds(renewed, self._newest_root())
            self._write(f"metadata/{number}.root.json", renewed)

    def file(self, path: str) -> bytes | None:
        """Return one published file, or None."""
        parts = path.split("/")
        if len(parts) != 2 or parts[0] not in ("metadata", "targets") or parts[1].startswith("."):
            return None
        if len(parts[1].encode(errors="replace")) > _MAX_NAME_BYTES:
            return None
        file = self._directory / parts[0] / parts[1]
        return file.read_bytes() if file.is_file() else None

    def _publish(self, trust: RegionTrust, *, at: datetime) -> None:
        state = self._state()
        files = trust.to_files()
        digest = _digest(trust)
        fresh = state and at - datetime.fromisoformat(state["at"]) < REPUBLISH_AFTER
        if fresh and state["digest"] == digest:
            return
        version = int(state["version"]) + 1 if state else 1
        # Spent before it is used: whoever dies half way through must not use it again.
        self._remember(version, "", at)
        mirror = publish(files, self._keys, version=version, at=at)
        newest = mirror.pop("metadata/timestamp.json")
        for path, content in mirror.items():
            self._write(path, content)
        # Last, because it is what makes a reader look for the others.
        self._write("metadata/timestamp.json", newest)
        self._remember(version, digest, at)
        self._remove_before(version - KEPT_PUBLICATIONS + 1)

    def _renew_root(self, at: datetime) -> None:
        self.root(at)
        newest = self._newest_root()
        if not renewal_is_due(newest, at=at):
            return
        if not self._keys.root:
            log.warning("trust.root_renewal_due")
            return
        renewed = renew_root(newest, self._keys, at=at)
        self._write(f"metadata/{succeeds(renewed, newest)}.root.json", renewed)

    def _newest_root(self) -> bytes:
        roots = (self._directory / "metadata").glob("*.root.json")
        return max(roots, key=_version_in_name).read_bytes()

    def _remove_before(self, oldest: int) -> None:
        """Remove the publications before version `oldest` and targets only they had."""
        metadata = self._directory / "metadata"
        lists = [*metadata.glob("*.targets.json")]
        kept: set[str] = set()
        for file in lists:
            if _version_in_name(file) >= oldest:
                kept |= publication_files(file.read_bytes())
        for file in (*lists, *metadata.glob("*.snapshot.json")):
            if _version_in_name(file) < oldest:
                file.unlink()
        for file in (self._directory / "targets").glob("*"):
            if file.name not in kept:
                file.unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._directory / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _remember(self, version: int, digest: str, at: datetime) -> None:
        written = {"version": version, "digest": digest, "at": at.isoformat()}
        self._write("state.json", json.dumps(written).encode())

    def _state(self) -> dict[str, str]:
        file = self._directory / "state.json"
        state: dict[str, str] = json.loads(file.read_bytes()) if file.is_file() else {}
        return state

    def _write(self, path: str, content: bytes) -> None:
        file = self._directory / path
        file.parent.mkdir(exist_ok=True)
        unfinished = file.with_name(f".{file.name}.new")
        unfinished.write_bytes(content)
        unfinished.replace(file)


def _version_in_name(file: Path) -> int:
    number = file.name.partition(".")[0]
    return int(number) if number.isdecimal() else 0


def _digest(trust: RegionTrust) -> str:
    """Return what changes when the material does, its date left out."""
    files = replace(trust, as_of=None).to_files()
    return sm3.digest(b"".join(files[name] for name in sorted(files))).hex()
