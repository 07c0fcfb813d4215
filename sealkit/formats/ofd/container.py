"""The ZIP container, read so that no two readers can see two documents in it.

* Nothing before the first entry, between entries, or after the archive.
* Local header and central directory agree; no entry twice; no encryption, no other method
  than stored and deflate; names relative, without ``..``, backslash or NUL.
* Every limit is checked while inflating, so a bomb costs no more than the limit.
"""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from sealkit.formats.ofd.errors import OFDError

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_LOCAL_MAGIC: Final = b"PK\x03\x04"
_END_BYTES: Final = 22
_ENCRYPTED: Final = 0x1
_DESCRIPTOR: Final = 0x8
_UTF8: Final = 0x800
_DESCRIPTOR_SIZES: Final = (12, 16)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a package may hold."""

    max_entries: int = 2000
    max_entry_bytes: int = 24 * 1024 * 1024
    max_total_bytes: int = 40 * 1024 * 1024
    max_ratio: int = 400
    """Inflated over deflated, for entries over 1 MiB."""
    max_name_characters: int = 255


@dataclass(frozen=True, slots=True)
class Package:
    """The files of an OFD by name, in the order of the archive."""

    entries: Mapping[str, bytes] = field(repr=False)
    """Name without leading slash → content, inflated."""


def read_package(document: bytes, limits: Limits = Limits()) -> Package:  # frozen
    """Read the archive.

    Raises:
        OFDError: with reason ``zip.…`` for anything two readers could read differently, or
            that passes a limit.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(document))
        listed = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise OFDError("zip.malformed", str(error)) from error
    if len(listed) > limits.max_entries:
        raise OFDError("zip.too_many_entries")
    if archive.comment:
        raise OFDError("zip.trailing_bytes", "archive comment")
    names: set[str] = set()
    for entry in listed:
        _check_entry(entry, names, limits)
        names.add(entry.filename.casefold())
    entries: dict[str, bytes] = {}
    position = total = 0
    for entry in sorted(listed, key=lambda each: each.header_offset):
        content, position = _read_entry(document, entry, position, limits)
        total += len(content)
        if total > limits.max_total_bytes:
            raise OFDError("zip.bomb", "the package inflates beyond its limit")
        if not entry.is_dir():
            entries[entry.filename] = content
    _check_end(document, archive.start_dir, position)
    return Package(entries)


def write_package(entries: Mapping[str, bytes]) -> bytes:
    """Return an archive of `entries` in their order; the same entries give the same bytes."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, content in entries.items():
            described = zipfile.ZipInfo(name, _EPOCH)
            described.compress_type = zipfile.ZIP_DEFLATED
            described.create_system = 3
            described.external_attr = 0o644 << 16
            writer.writestr(described, content, compresslevel=6)
    return archive.getvalue()


def _check_entry(entry: zipfile.ZipInfo, names: set[str], limits: Limits) -> None:
    name = entry.orig_filename
    if name.casefold() in names:
        raise OFDError("zip.duplicate", name[:80])
    parts = name.rstrip("/").split("/")
    if (
        not name
        or len(name) > limits.max_name_characters
        or name.startswith("/")
        or ":" in parts[0]
        or any(part in ("", ".", "..") for part in parts)
        or any(ord(character) < 0x20 or character == "\\" for character in name)
    ):
        raise OFDError("zip.name", repr(name[:80]))
    if entry.flag_bits & _ENCRYPTED:
        raise OFDError("zip.encrypted", name[:80])
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise OFDError("zip.method", name[:80])
    if entry.file_size > limits.max_entry_bytes:
        raise OFDError("zip.bomb", name[:80])


def _read_entry(
    document: bytes, entry: zipfile.ZipInfo, position: int, limits: Limits
) -> tuple[bytes, int]:
    """Return the content of `entry`, which must begin at `position`, and where it ends."""
    if entry.header_offset != position:
        raise OFDError("zip.stray_bytes", f"at {position}")
    start = position + _LOCAL.size
    if start > len(document):
        raise OFDError("zip.malformed", "local header is cut")
    magic, _, flags, method, _, _, crc, packed, size, name_bytes, extra = _LOCAL.unpack_from(
        document, position
    )
    encoding = "utf-8" if flags & _UTF8 else "cp437"
    raw_name = document[start : start + name_bytes]
    begin = start + name_bytes + extra
    end = begin + entry.compress_size
    if magic != _LOCAL_MAGIC or end > len(document):
        raise OFDError("zip.malformed", "local header is wrong")
    described = bool(flags & _DESCRIPTOR)
    agrees = (
        raw_name.decode(encoding, "replace") == entry.orig_filename
        and method == entry.compress_type
        and flags == entry.flag_bits
        and (described or (crc, packed, size) == (entry.CRC, entry.compress_size, entry.file_size))
    )
    if not agrees:
        raise OFDError("zip.headers_disagree", entry.orig_filename[:80])
    content = _inflate(document[begin:end], entry, limits)
    return content, end + (_descriptor_bytes(document, end, entry) if described else 0)


def _inflate(packed: bytes, entry: zipfile.ZipInfo, limits: Limits) -> bytes:
    if entry.compress_type == zipfile.ZIP_STORED:
        content = packed
    else:
        inflater = zlib.decompressobj(-15)
        try:
            content = inflater.decompress(packed, entry.file_size + 1)
        except zlib.error as error:
            raise OFDError("zip.malformed", "entry does not inflate") from error
        if not inflater.eof or inflater.unused_data or inflater.unconsumed_tail:
            raise OFDError("zip.headers_disagree", "entry is longer or shorter than listed")
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise OFDError("zip.headers_disagree", "entry is not what its checksum says")
    if len(content) > 1 << 20 and len(content) > limits.max_ratio * max(1, len(packed)):
        raise OFDError("zip.bomb", entry.orig_filename[:80])
    return content


def _descriptor_bytes(document: bytes, end: int, entry: zipfile.ZipInfo) -> int:
    """Return the length of the data descriptor behind an entry, with or without its mark."""
    values = struct.pack("<3L", entry.CRC, entry.compress_size, entry.file_size)
    for length in _DESCRIPTOR_SIZES:
        found = document[end : end + length]
        if found.endswith(values) and len(found) == length:
            return length
    raise OFDError("zip.headers_disagree", "data descriptor is wrong")


def _check_end(document: bytes, start_of_directory: int, position: int) -> None:
    if start_of_directory != position:
        raise OFDError("zip.stray_bytes", f"at {position}")
    end = len(document) - _END_BYTES
    if document[end : end + 4] != b"PK\x05\x06":
        raise OFDError("zip.trailing_bytes")
    directory_size, directory_start = struct.unpack_from("<2L", document, end + 12)
    if directory_start != start_of_directory or directory_start + directory_size != end:
        raise OFDError("zip.stray_bytes", "around the directory")
