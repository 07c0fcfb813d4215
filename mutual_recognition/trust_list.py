"""Publishing a region's trust list (信任列表) through The Update Framework.

Roles: `root` (two of three offline keys), `targets` (what the region vouches for),
`snapshot` and `timestamp` (online; short life). So a stolen online key can neither add an
authority nor bring an old list back, and a frozen mirror is noticed when the timestamp
runs out. Targets are hashed with SM3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from mutual_recognition.errors import TrustListError
from mutual_recognition.tuf_keys import SM2Signer
from sealkit.signer import Signer

ROOT_THRESHOLD: Final = 2
ROOT_LIFE: Final = timedelta(days=365)
TARGETS_LIFE: Final = timedelta(days=90)
SNAPSHOT_LIFE: Final = timedelta(days=7)
TIMESTAMP_LIFE: Final = timedelta(days=1)
HASHES: Final = ["sm3"]


Role = TypeVar("Role", Root, Targets, Snapshot, Timestamp)


@dataclass(frozen=True)
class TrustListKeys:
    """Who signs which role."""

    root: tuple[Signer, ...]
    """At least `ROOT_THRESHOLD` of them to make a root; offline in production."""
    targets: Signer
    online: Signer
    """Snapshot and timestamp."""


def make_root(keys: TrustListKeys, *, version: int, at: datetime) -> bytes:
    """Return ``<version>.root.json``, what another region gets once by hand."""
    root = Root(version=version, expires=_expiry(at, ROOT_LIFE), consistent_snapshot=True)
    for signer in keys.root:
        root.add_key(SM2Signer(signer).public_key, "root")
    root.roles["root"].threshold = ROOT_THRESHOLD
    root.add_key(SM2Signer(keys.targets).public_key, "targets")
    for role in ("snapshot", "timestamp"):
        root.add_key(SM2Signer(keys.online).public_key, role)
    return _signed(root, keys.root)


def renewal_is_due(root: bytes, *, at: datetime) -> bool:
    """Say whether half of the life of this root metadata is over."""
    return at >= _root_in(root).expires - ROOT_LIFE / 2


def renew_root(previous: bytes, keys: TrustListKeys, *, at: datetime) -> bytes:
    """Return the root metadata that follows `previous`, for the keys given.

    When root keys change, `keys.root` must hold enough of the old ones beside the new:
    readers follow only a root that a threshold of both signed.
    """
    return make_root(keys, version=_root_in(previous).version + 1, at=at)


def succeeds(renewed: bytes, previous: bytes) -> int:
    """Return the version of `renewed`, which readers of `previous` will follow.

    Raises:
        TrustListError: if its version is not the next, or it is not signed by a threshold
            of the keys of both.
    """
    new, old = _root_in(renewed), _root_in(previous)
    if new.version != old.version + 1:
        raise TrustListError(f"root {new.version} does not follow root {old.version}")
    signed = Metadata[Root].from_bytes(renewed)
    try:
        for judge in (old, new):
            judge.verify_delegate("root", signed.signed_bytes, signed.signatures)
    except RepositoryError as error:
        raise TrustListError(str(error)) from error
    return new.version


def publication_files(targets: bytes) -> set[str]:
    """Return the names, below ``targets/``, of what one ``<version>.targets.json`` lists."""
    listed = Metadata[Targets].from_bytes(targets).signed.targets
    return {_published_name(name, target) for name, target in listed.items()}


def publish(
    files: Mapping[str, bytes], keys: TrustListKeys, *, version: int, at: datetime
) -> dict[str, bytes]:
    """Return the files of a mirror but for its roots: metadata and targets by path.

    `version` grows with every publication and is never used again.
    """
    targets = Targets(version=version, expires=_expiry(at, TARGETS_LIFE))
    mirror: dict[str, bytes] = {}
    for name, content in sorted(files.items()):
        target = TargetFile.from_data(name, content, HASHES)
        targets.targets[name] = target
        mirror[f"targets/{_published_name(name, target)}"] = content
    targets_json = _signed(targets, [keys.targets])
    snapshot = Snapshot(version=version, expires=_expiry(at, SNAPSHOT_LIFE))
    snapshot.meta["targets.json"] = MetaFile.from_data(version, targets_json, HASHES)
    snapshot_json = _signed(snapshot, [keys.online])
    timestamp = Timestamp(version=version, expires=_expiry(at, TIMESTAMP_LIFE))
    timestamp.snapshot_meta = MetaFile.from_data(version, snapshot_json, HASHES)
    return mirror | {
        f"metadata/{version}.targets.json": targets_json,
        f"metadata/{version}.snapshot.json": snapshot_json,
        "metadata/timestamp.json": _signed(timestamp, [keys.online]),
    }


def _signed(payload: Role, signers: Sequence[Signer]) -> bytes:
    metadata = Metadata(payload)
    for signer in signers:
        metadata.sign(SM2Signer(signer), append=True)
    return metadata.to_bytes()


def _root_in(root: bytes) -> Root:
    try:
        return Metadata[Root].from_bytes(root).signed
    except (RepositoryError, ValueError) as error:
        raise TrustListError("this is no root metadata") from error


def _published_name(name: str, target: TargetFile) -> str:
    return f"{target.hashes['sm3']}.{name}"


def _expiry(at: datetime, life: timedelta) -> datetime:
    return (at + life).replace(microsecond=0)
