"""Backup and restore of what a region keeps: database, files, logs of key uses, trust list.

The database is copied first, as it was at one instant, beside the running service; files are
written before the database names them and never again, so whatever it names is among what is
copied after it. Keys that open personal data stay where they are: a stolen backup tells
nothing without them.
"""

import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from sealkit.sm import sm3
from yinxin.settings import Settings

MANIFEST: Final = "backup.json"
DATABASE: Final = "yinxin.db"
NEVER_COPIED: Final = frozenset({"vault.key", "escrow.key"})
"""Keys where they lie by default; others are where the settings say."""
USES: Final = "key_uses"
FORM: Final = 1
PUBLICATIONS_SKIPPED: Final = 100_000
"""After a restore: no number that a reader may have seen of a later trust list is used again."""
_CHUNK: Final = 1024 * 1024
_MAX_MANIFEST_BYTES: Final = 512 * 1024 * 1024


class BackupError(Exception):
    """A backup that cannot be made, read or put back."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What is in a backup."""

    made_at: str
    files: int
    bytes: int
    database: bool
    """False where the database is PostgreSQL, which `pg_dump` copies."""


def make_backup(settings: Settings, out: Path, *, at: datetime) -> Backup:
    """Copy everything into the fresh directory `out`, or leave nothing.

    Raises:
        BackupError: if `out` exists, or something cannot be read or written.
    """
    if out.exists():
        raise BackupError(f"{out} exists: choose another name")
    beside = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        beside.mkdir(mode=0o700, parents=True)
        source = _database_file(settings)
        if source is not None:
            _copy_database(source, beside / DATABASE)
        entries = dict(_copied(settings, beside, source))
        manifest = {
            "form": FORM,
            "made_at": at.isoformat(),
            "region": settings.region,
            "database": source is not None,
            "files": entries,
        }
        _write(beside / MANIFEST, json.dumps(manifest, sort_keys=True, indent=1).encode())
        beside.rename(out)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"the backup could not be made: {error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return _told(manifest)


def check_backup(folder: Path) -> Backup:
    """Compare every file of a backup with its manifest.

    Raises:
        BackupError: naming the first file that is missing, changed or not part of it.
    """
    manifest = _manifest(folder)
    listed = manifest["files"]
    for name, told in listed.items():
        file = folder / name
        if not file.is_file():
            raise BackupError(f"{name} is missing")
        if _digest(file) != told["sm3"]:
            raise BackupError(f"{name} was changed")
    for file in _files(folder):
        name = file.relative_to(folder).as_posix()
        if name not in listed and name != MANIFEST:
            raise BackupError(f"{name} is not part of the backup")
    return _told(manifest)


def restore(folder: Path, settings: Settings) -> Backup:
    """Put a backup back into the data directory, which must hold nothing but keys.

    Raises:
        BackupError: if the backup is not whole, is another region's, or the place is taken.
    """
    told = check_backup(folder)
    manifest = _manifest(folder)
    if manifest["region"] != settings.region:
        raise BackupError(f"this is a backup of region {manifest['region']}")
    place = settings.data_directory
    taken = [entry.name for entry in place.iterdir()] if place.is_dir() else []
    if set(taken) - NEVER_COPIED:
        raise BackupError(f"{place} is not empty: {sorted(set(taken) - NEVER_COPIED)[0]}")
    try:
        for name in manifest["files"]:
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)
            _flush(target)
        _skip_publications(place / "trust_list" / "state.json")
    except OSError as error:
        raise BackupError(f"the backup could not be put back: {error}") from error
    return told


def _skip_publications(state: Path) -> None:
    if not state.is_file():
        return
    members: dict[str, Any] = json.loads(state.read_text("utf-8"))
    # Without its digest, so that the next look publishes.
    members |= {"version": int(members["version"]) + PUBLICATIONS_SKIPPED, "digest": ""}
    _write(state, json.dumps(members).encode())


def _database_file(settings: Settings) -> Path | None:
    if settings.database_url is None:
        return settings.data_directory / DATABASE
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database)


def _copy_database(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BackupError("there is no database to copy")
    found, copy = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        found.backup(copy, pages=4096)
        (state,) = copy.execute("PRAGMA integrity_check").fetchone()
        if state != "ok":
            raise BackupError(f"the copied database is not whole: {state}")
    finally:
        copy.close()
        found.close()
    _flush(target)


def _copied(
    settings: Settings, target: Path, database: Path | None
) -> Iterator[tuple[str, dict[str, object]]]:
    if database is not None:
        yield DATABASE, _entry(target / DATABASE)
    source, keys = settings.data_directory, _key_files(settings)
    for file in _files(source):
        name = file.relative_to(source)
        if name.parts[0].startswith((DATABASE, _leading(database, source))):
            continue
        if name.parts[0] in NEVER_COPIED or keys & {file.resolve(), *file.resolve().parents}:
            continue
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(file, copy)
        except FileNotFoundError:
            continue  # unfinished when it was listed, or erased since
        if name.parts[0] == USES:
            _drop_unfinished_line(copy)
        _flush(copy)
        yield name.as_posix(), _entry(copy)


def _key_files(settings: Settings) -> set[Path]:
    """Return the files and directories of keys that the settings name, wherever they are."""
    named = (
        settings.vault_key_file,
        settings.escrow_key_file,
        settings.keystore_file,
        settings.keystore_opening_file,
        settings.pkcs11_configuration,
        settings.keys_directory,
    )
    return {path.resolve() for path in named if path is not None}


def _leading(database: Path | None, source: Path) -> str:
    """Return how the database's own files are called, where they lie in `source`."""
    inside = database is not None and database.resolve().parent == source.resolve()
    return database.name if database is not None and inside else DATABASE


def _drop_unfinished_line(file: Path) -> None:
    """Cut off what was just being written: its signature had not left yet."""
    content = file.read_bytes()
    file.write_bytes(content[: content.rfind(b"\n") + 1])


def _files(folder: Path) -> Iterator[Path]:
    return (entry for entry in sorted(folder.rglob("*")) if entry.is_file())


def _entry(file: Path) -> dict[str, object]:
    return {"bytes": file.stat().st_size, "sm3": _digest(file)}


def _digest(file: Path) -> str:
    digest = sm3.hasher()
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    return digest.digest().hex()


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        file = folder / MANIFEST
        if file.stat().st_size > _MAX_MANIFEST_BYTES:
            raise BackupError(f"{MANIFEST} is too large")
        manifest: dict[str, Any] = json.loads(file.read_text("utf-8"))
        names = list(manifest["files"])
        whole = manifest["form"] == FORM and all(told["sm3"] for told in manifest["files"].values())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{folder} holds no backup") from error
    if not whole or any(name.startswith("/") or ".." in Path(name).parts for name in names):
        raise BackupError(f"{folder} holds no backup of a form that is known here")
    return manifest


def _told(manifest: dict[str, Any]) -> Backup:
    files = manifest["files"]
    total = sum(int(entry["bytes"]) for entry in files.values())
    return Backup(manifest["made_at"], len(files), total, bool(manifest["database"]))


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    _flush(file)


def _flush(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
