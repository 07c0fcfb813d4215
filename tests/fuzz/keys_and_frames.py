"""Targets of the house itself: keystores, the signer, batches, pictures, other regions."""

import asyncio
import base64
import io
import json
import tempfile
import zipfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from securesystemslib.exceptions import FormatError
from securesystemslib.formats import encode_canonical
from starlette.exceptions import HTTPException
from starlette.requests import Request
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Timestamp

from ca.errors import (
    KeyMismatchError,
    PurposeError,
    SealBrokenError,
    ShareError,
    UnknownLeafError,
)
from ca.keystore import FileKeystore, Purpose
from ca.keystores import pkcs8, shares
from ca.keystores.examination import examine
from ca.keystores.pbes2 import parse_encrypted
from ca.keystores.purposes import PURPOSES
from ca.keystores.remote.wire import parse_sign, read_frame
from ca.keystores.sealed_file import parse_sealed
from ca.keystores.secret import Secret
from ca.keystores.use_log import _members
from ca.log_tiles import parse_tile_path
from issuance.batches.reading import read_lines
from issuance.batches.rows import Form
from issuance.batches.workbook import rows_of
from issuance.pictures import PictureError, kept_form, kept_picture
from issuance.render.glyph_pictures import contours_of
from issuance.render.supplied_face import made_face
from mutual_recognition.errors import (
    LogFaultError,
    LogUnreachableError,
    TrustListError,
    TrustListUnreachableError,
)
from mutual_recognition.log_audit import Seen, audit_log
from mutual_recognition.store import RegionStore
from mutual_recognition.trust_list import TrustListKeys, make_root, publish, succeeds
from mutual_recognition.tuf_keys import SM2Signer
from sealkit.checkpoint import Checkpoint, sign_checkpoint
from sealkit.merkle import HASH_BYTES
from tests.fuzz.codes_and_tokens import json_of, text_of
from tests.fuzz.target import SEEDS, target
from verification.errors import TooLargeError
from verification.routes import shown_document
from verification.trust import RegionTrust
from yinxin.time_references import NoReadingError, _offset

KEYS = Path(__file__).parents[2] / "keys_dev" / "650000"
LOG = "log.example/2026"


@cache
def _keystore():
    return FileKeystore(KEYS)


@target(parse_sealed, refuses=(SealBrokenError,), max_bytes=8192)
def sealed_keystore(foreign):
    """The file of a sealed keystore."""
    parse_sealed(foreign)


@target(parse_encrypted)
def encrypted_key(foreign):
    """An encrypted private key."""
    parse_encrypted(foreign)


@target(pkcs8.signer_of, refuses=(KeyMismatchError,))
def private_key(foreign):
    """A private key as PKCS#8."""
    pkcs8.signer_of("name", Secret(bytearray(foreign)), _keystore().certificate("log"))


@target(shares.combine, refuses=(ShareError,))
def key_shares(foreign):
    """Lines that somebody typed as shares of a secret."""
    known = shares.ShareSet(2, 4711, ("00" * 8,) * 3)
    shares.combine(text_of(foreign).splitlines()[:4], known)


@target(read_frame, parse_sign)
def signer_frames(foreign):
    """What a client says to the signer process, frame after frame."""
    receive = io.BytesIO(foreign).read
    while (members := read_frame(receive)) is not None:
        if members.get("do") == "sign":
            parse_sign(members)


@target(examine, refuses=(PurposeError,), max_bytes=8192)
def message_to_sign(foreign):
    """A message for each purpose of a key: the first byte says for which."""
    names = sorted(_keystore().names())
    name = names[foreign[0] % len(names)] if foreign else names[0]
    begun = [known for known in PURPOSES if f"{name}_".startswith(f"{known}_")]
    for purpose in PURPOSES[max(begun, key=len)] if begun else Purpose:
        examine(purpose, foreign[1:], _keystore().certificate(name))


@target(_members)
def use_log_line(foreign):
    """A line of the signer's log of uses, as it is found on disk."""
    assert isinstance(_members(foreign), dict)


@target(parse_tile_path, refuses=(UnknownLeafError,), max_bytes=128)
def tile_path(foreign):
    """The path of a tile of the log."""
    parse_tile_path(text_of(foreign))


@target(read_lines)
def batch_ndjson(foreign):
    """A batch of applications, one JSON object a line, in parts of fourteen bytes."""
    parts = (foreign[place : place + 14] for place in range(0, len(foreign), 14))
    for line in read_lines(parts, Form.NDJSON, {}):
        assert (line.data is None) == (line.problem is not None)


@target(read_lines)
def batch_csv(foreign):
    """A batch of applications as a table."""
    for line in read_lines(iter([foreign]), Form.CSV, {"名称": "org_name"}):
        assert (line.data is None) == (line.problem is not None)


@target(read_lines, rows_of, max_bytes=16384)
def batch_workbook(foreign):
    """A batch of applications as an XLSX workbook."""
    for line in read_lines(iter([foreign]), Form.XLSX, {"名称": "org_name"}):
        assert (line.data is None) == (line.problem is not None)


@cache
def _workbook():
    """Return the entries of a sound workbook."""
    with zipfile.ZipFile(SEEDS / "batch_workbook" / "sound") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@target(read_lines, rows_of, max_bytes=8192)
def batch_workbook_entry(foreign):
    """A sound workbook, one file of which is foreign: the first byte says which."""
    entries, made = dict(_workbook()), io.BytesIO()
    entries[list(entries)[foreign[0] % len(entries) if foreign else 0]] = foreign[1:]
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    batch_workbook(made.getvalue())


@target(kept_form, kept_picture, refuses=(PictureError,), max_bytes=8192)
def sent_picture(foreign):
    """A photograph as it comes with an application; what is kept reads again."""
    kept_picture(kept_form(base64.b64encode(foreign).decode()))


@target(kept_form, refuses=(PictureError,))
def sent_picture_text(foreign):
    """The text that should be a photograph in base64."""
    kept_form(text_of(foreign))


@target(contours_of)
def glyph_picture(foreign):
    """The picture of a character that no typeface holds, as a font that is embedded."""
    made_face({"\ue000": contours_of(foreign)})


@target(Seen.from_json)
def seen_log(foreign):
    """What was noted of a log when it was last seen."""
    found = Seen.from_json(foreign)
    assert Seen.from_json(found.to_json()) == found


@target(audit_log, refuses=(LogFaultError, LogUnreachableError))
def log_mirror(foreign):
    """A log whose checkpoint is signed and whose entries are anything."""
    width = foreign[0] if foreign else 0
    signer, key = _keystore().signer("log"), _keystore().certificate("log").sm2_key
    signed = sign_checkpoint(Checkpoint(LOG, width, bytes(HASH_BYTES)), signer)
    mirror = {"checkpoint": signed.to_bytes()}
    audit_log(lambda path: mirror.get(path, foreign[1:]), LOG, key)


@cache
def _published():
    """Return a root and a mirror of today: python-tuf's client reads the machine's clock.

    Its roles name each other without a length or digest, so that any of them may change.
    """
    signer = _keystore().signer
    roots = tuple(signer(f"trust_root_{number}") for number in (1, 2, 3))
    keys = TrustListKeys(roots, signer("trust_targets"), signer("trust_online"))
    now = datetime.now(UTC).replace(microsecond=0)
    root, until = make_root(keys, version=1, at=now), now + timedelta(days=7)
    anchor = _keystore().certificate("root").der
    files = RegionTrust(region="650000", name_zh="", anchors=(anchor,)).to_files()
    mirror = publish(files, keys, version=1, at=now) | {"metadata/1.root.json": root}
    bare = MetaFile(1)
    for path, role in (
        ("metadata/1.snapshot.json", Snapshot(1, expires=until, meta={"targets.json": bare})),
        ("metadata/timestamp.json", Timestamp(1, expires=until, snapshot_meta=bare)),
    ):
        metadata = Metadata(role)
        metadata.sign(SM2Signer(keys.online))
        mirror[path] = metadata.to_bytes()
    return root, mirror


_ROLES = {
    "metadata/2.root.json": ("trust_root_1", "trust_root_2"),
    "metadata/timestamp.json": ("trust_online",),
    "metadata/1.snapshot.json": ("trust_online",),
    "metadata/1.targets.json": ("trust_targets",),
}


@target(RegionStore.refresh, refuses=(TrustListError, TrustListUnreachableError), max_bytes=8192)
def region_mirror(foreign):
    """Another region's mirror, one role of which says anything, rightly signed.

    The first byte says which role, and whether the rest is a whole file or what is signed.
    """
    root, mirror = _published()
    choice = foreign[0] if foreign else 0
    path = list(_ROLES)[choice % len(_ROLES)]
    content = foreign[1:] if choice & 0x80 else _signed(foreign[1:], _ROLES[path])
    with tempfile.TemporaryDirectory() as folder:
        RegionStore(Path(folder), root, region="650000").refresh((mirror | {path: content}).get)


def _signed(payload, names):
    members = json_of(payload)
    try:
        octets = encode_canonical(members).encode()
    except (FormatError, ValueError, RecursionError):
        return payload  # what cannot be signed
    signatures = [
        {
            "keyid": _keystore().certificate(name).sm2_key.kid.hex(),
            "sig": _keystore().signer(name).sign(octets).hex(),
        }
        for name in names
    ]
    return json.dumps({"signed": members, "signatures": signatures}).encode()


@target(succeeds, refuses=(TrustListError,), max_bytes=8192)
def next_root(foreign):
    """A renewed root of a trust list, as an operator brings it."""
    succeeds(foreign, _published()[0])


@target(_offset, refuses=(NoReadingError,), max_bytes=128)
def time_answer(foreign):
    """What a time server answers."""
    _offset(foreign, int.from_bytes(foreign[24:32]), 1_795_000_000.0, 1_795_000_000.1)


@target(shown_document, refuses=(HTTPException, TooLargeError), max_bytes=8192)
def upload_form(foreign):
    """The body of a request to verify: a form of several parts, or JSON after a zero byte."""
    is_json = foreign[:1] == b"\0"
    kind = "application/json" if is_json else "multipart/form-data; boundary=x"
    body = foreign[1:] if is_json else foreign

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    services = SimpleNamespace(verification=SimpleNamespace(max_document_bytes=1 << 20))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/verify",
        "headers": [(b"content-type", kind.encode())],
        "app": SimpleNamespace(state=services),
    }
    asyncio.run(shown_document(Request(scope, receive)))
