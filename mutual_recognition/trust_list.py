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

from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

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
    """At least `ROOT_THRESHOLD` of them; offline in production."""
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


def publish(
    files: Mapping[str, bytes], keys: TrustListKeys, *, root: bytes, version: int, at: datetime
) -> dict[str, bytes]:
    """Return the files of a mirror: metadata and targets by path.

    `version` grows with every publication and is never used again.
    """
    targets = Targets(version=version, expires=_expiry(at, TARGETS_LIFE))
    mirror: dict[str, bytes] = {}
    for name, content in sorted(files.items()):
        target = TargetFile.from_data(name, content, HASHES)
        targets.targets[name] = target
        mirror[f"targets/{target.hashes['sm3']}.{name}"] = content
    targets_json = _signed(targets, [keys.targets])
    snapshot = Snapshot(version=version, expires=_expiry(at, SNAPSHOT_LIFE))
    snapshot.meta["targets.json"] = MetaFile.from_data(version, targets_json, HASHES)
    snapshot_json = _signed(snapshot, [keys.online])
    timestamp = Timestamp(version=version, expires=_expiry(at, TIMESTAMP_LIFE))
    timestamp.snapshot_meta = MetaFile.from_data(version, snapshot_json, HASHES)
    return mirror | {
        f"metadata/{_version_of(root)}.root.json": root,
        f"metadata/{version}.targets.json": targets_json,
        f"metadata/{version}.snapshot.json": snapshot_json,
        "metadata/timestamp.json": _signed(timestamp, [keys.online]),
    }


def _signed(payload: Role, signers: Sequence[Signer]) -> bytes:
    metadata = Metadata(payload)
    for signer in signers:
        metadata.sign(SM2Signer(signer), append=True)
    return metadata.to_bytes()


def _version_of(root: bytes) -> int:
    return Metadata[Root].from_bytes(root).signed.version


def _expiry(at: datetime, life: timedelta) -> datetime:
    return (at + life).replace(microsecond=0)
