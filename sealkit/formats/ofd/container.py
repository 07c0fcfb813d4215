"""The ZIP container, read so that no two readers can see two documents in it.

* Nothing before the first entry, between entries, or after the archive.
* Local header and central directory agree; no entry twice, also not in another case; no
  encryption, no ZIP64, no other method than stored and deflate; names relative, without
  ``..``, backslash or control character.
* No seal covers what is not in an entry, so there is no room for anything there: no comment,
  no extra field but times and owners, and no PDF that begins in front of the first entry.
* Sizes are refused by what the directory says before anything is inflated, and inflating
  stops at that size: a bomb costs no more than reading its directory.
"""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.recurring import content_of

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL_MAGIC: Final = b"PK\x03\x04"
_CENTRAL_MAGIC: Final = b"PK\x01\x02"
_END_MAGIC: Final = b"PK\x05\x06"
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_DESCRIPTOR: Final = 0x8
_UTF8: Final = 0x800
_DESCRIPTOR_SIZES: Final = (12, 16)
_EXTRA_HEADER: Final = struct.Struct("<2H")
_EXTRA_BYTES: Final = {
    0x000A: 32,  # NTFS times
    0x5455: 13,  # Unix times
    0x5855: 12,  # Unix times and owner, old
    0x7855: 4,  # Unix owner, old
    0x7875: 15,  # Unix owner
    0xCAFE: 0,  # Java's mark
}
"""What writers of archives note of a file, and how long that is at most.

Others make readers disagree (ZIP64 sizes, a second name, AES), or hold a document.
"""
_PDF_MAGIC: Final = b"%PDF-"
_PDF_REACH: Final = 1024
"""Where readers of PDF look for its beginning."""
_RATIO_FREE_BYTES: Final = 1 << 20
_VERSION: Final = 20
_MADE_ON_UNIX: Final = 3 << 8
_FIRST_DAY: Final = (0, 0x21)
"""Time and date of 1980-01-01 00:00: a package says nothing of when it was written."""
_FILE_MODE: Final = 0o100644 << 16
_COMPRESSION_LEVEL: Final = 4
"""Of zlib: a third of the time of its default, for a page 0.3 % larger."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a package may hold.

    With these, reading a 5 MB file stays under 64 MB, whatever is in it.
    """

    max_entries: int = 2000
    max_entry_bytes: int = 32 * 1024 * 1024
    max_total_bytes: int = 16 * 1024 * 1024
    """Inflated, all entries together; or `max_growth` times the file, if that is more."""
    max_growth: int = 2
    max_ratio: int = 400
    """Inflated over deflated, for entries over 1 MiB."""
    max_name_characters: int = 255


@dataclass(frozen=True, slots=True)
class PackedEntry:
    """An entry as it stands in its archive, to be copied into another one."""

    content: memoryview = field(repr=False)
    method: int
    crc: int
    size: int


@dataclass(frozen=True, slots=True)
class Package:
    """The files of an OFD by name, in the order of the archive."""

    entries: Mapping[str, bytes] = field(repr=False)
    """Name without leading slash → content, inflated."""
    packed: Mapping[str, PackedEntry] = field(default_factory=dict, repr=False)
    """The same files as the archive holds them."""
    problems: tuple[tuple[str, str], ...] = ()
    """Broken rules that leave the package readable: stable code and detail."""


def read_package(document: bytes, limits: Limits = Limits()) -> Package:
    """Read the archive.

    Raises:
        OFDError: with reason ``zip.…`` for anything two readers could read differently, or
            that passes a limit.
    """
    directory = _checked_end(document, limits)
    try:
        listed = zipfile.ZipFile(BytesIO(document)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise OFDError("zip.malformed", str(error)) from error
    problems: list[tuple[str, str]] = []
    names = [_name(entry, problems) for entry in listed]
    _check_names(names, limits)
    allowed = max(limits.max_total_bytes, limits.max_growth * len(document))
    if sum(entry.file_size for entry in listed) > allowed:
        raise OFDError("zip.bomb", "the package inflates beyond its limit")
    entries: dict[str, bytes] = {}
    packed: dict[str, PackedEntry] = {}
    position = 0
    in_place = sorted(zip(listed, names, strict=True), key=lambda each: each[0].header_offset)
    for entry, name in in_place:
        _check_entry(entry, limits)
        stored, position = _read_entry(document, entry, position, directory)
        content = _inflate(stored, limits)
        if not entry.is_dir():
            entries[name], packed[name] = content, stored
        elif content:
            raise OFDError("zip.name", "a folder with content")
    if position != directory:
        raise OFDError("zip.stray_bytes", f"at {position}")
    return Package(entries, packed, tuple(problems))


def write_package(entries: Mapping[str, bytes], *, source: Package | None = None) -> bytes:
    """Return an archive of `entries` in their order; the same arguments give the same bytes.

    What stands in `entries` as the very object that it is in `source` is copied as `source`
    holds it, for deflating is most of the work of writing.
    """
    parts: list[bytes | memoryview] = []
    directory: list[bytes] = []
    position = 0
    for name, content in entries.items():
        kept = source.packed.get(name) if source and source.entries.get(name) is content else None
        stored = kept or _deflated(content)
        raw_name = name.encode()
        flags = 0 if name.isascii() else _UTF8
        described = (_VERSION, flags, stored.method, *_FIRST_DAY, stored.crc)
        sizes = (len(stored.content), stored.size, len(raw_name), 0)
        header = _LOCAL.pack(_LOCAL_MAGIC, *described, *sizes)
        directory += (
            _CENTRAL.pack(
                *(_CENTRAL_MAGIC, _MADE_ON_UNIX | _VERSION, *described, *sizes),
                *(0, 0, 0, _FILE_MODE, position),
            ),
            raw_name,
        )
        parts += (header, raw_name, stored.content)
        position += len(header) + len(raw_name) + len(stored.content)
    listing = b"".join(directory)
    count = len(entries)
    end = _END.pack(_END_MAGIC, 0, 0, count, count, len(listing), position, 0)
    return b"".join((*parts, listing, end))


def _deflated(content: bytes) -> PackedEntry:
    deflater = zlib.compressobj(_COMPRESSION_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = deflater.compress(content) + deflater.flush()
    return PackedEntry(
        memoryview(deflated), zipfile.ZIP_DEFLATED, zlib.crc32(content), len(content)
    )


def _checked_end(document: bytes, limits: Limits) -> int:
    """Return where the directory begins, once it is known to be whole, last and bounded."""
    begin = len(document) - _END.size
    if begin < 0 or document.rfind(_END_MAGIC) < 0:
        raise OFDError("zip.malformed", "no archive")
    magic, disk, first_disk, here, count, size, start, comment = _END.unpack_from(document, begin)
    if magic != _END_MAGIC or comment:
        raise OFDError("zip.trailing_bytes")
    if disk or first_disk or here != count:
        raise OFDError("zip.malformed", "archive in parts")
    if start + size != begin:
        raise OFDError("zip.stray_bytes", "around the directory")
    if count > limits.max_entries:
        raise OFDError("zip.too_many_entries")
    if _PDF_MAGIC in document[:_PDF_REACH]:
        raise OFDError("zip.stray_bytes", "a PDF as well")
    # zipfile builds an object for every record it finds, whatever the count says.
    if document.count(_CENTRAL_MAGIC, start, begin) != count:
        raise OFDError("zip.headers_disagree", "count of entries")
    return int(start)


def _name(entry: zipfile.ZipInfo, problems: list[tuple[str, str]]) -> str:
    """Return the name of `entry`; without the UTF-8 flag, products write GBK as often."""
    name = entry.orig_filename
    if name.isascii() or entry.flag_bits & _UTF8:
        return name
    problems.append(("zip.name_encoding", name[:80]))
    raw = name.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _check_names(names: list[str], limits: Limits) -> None:
    # Case and the end mark of folders do not tell names apart on every file system.
    files = {name.casefold() for name in names if not name.endswith("/")}
    seen: set[str] = set()
    for name in names:
        parts = name.removesuffix("/").split("/")
        if (
            len(name) > limits.max_name_characters
            or ":" in parts[0]
            or any(part in ("", ".", "..") for part in parts)
            or not name.isprintable()
            or "\\" in name
        ):
            raise OFDError("zip.name", repr(name[:80]))
        folded = name.casefold().removesuffix("/")
        if folded in seen:
            raise OFDError("zip.duplicate", name[:80])
        seen.add(folded)
        folders = folded.split("/")
        if any("/".join(folders[:depth]) in files for depth in range(1, len(folders))):
            raise OFDError("zip.name", f"{name[:80]} lies in a file")


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    name = entry.orig_filename[:80]
    if entry.flag_bits & _ENCRYPTED:
        raise OFDError("zip.encrypted", name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise OFDError("zip.method", name)
    if entry.file_size > limits.max_entry_bytes:
        raise OFDError("zip.bomb", name)
    if entry.comment:
        raise OFDError("zip.comment", name)
    _check_extra(entry.extra, name)


def _check_extra(extra: bytes, name: str) -> None:
    """Refuse every extra field that is not known to be harmless, and each that is repeated."""
    position = 0
    seen: set[int] = set()
    while position + _EXTRA_HEADER.size <= len(extra):
        kind, length = _EXTRA_HEADER.unpack_from(extra, position)
        if kind in seen or length > _EXTRA_BYTES.get(kind, -1):
            raise OFDError("zip.extra_field", f"{name}: {kind:#06x}")
        seen.add(kind)
        position += _EXTRA_HEADER.size + length
    if position != len(extra):
        raise OFDError("zip.extra_field", f"{name}: cut")


def _read_entry(
    document: bytes, entry: zipfile.ZipInfo, position: int, directory: int
) -> tuple[PackedEntry, int]:
    """Return the entry that must begin at `position`, and where it ends."""
    if entry.header_offset != position:
        raise OFDError("zip.stray_bytes", f"at {position}")
    begin = position + _LOCAL.size
    if begin > directory:
        raise OFDError("zip.malformed", "local header is cut")
    magic, _, flags, method, _, _, crc, packed, size, name_bytes, extra = _LOCAL.unpack_from(
        document, position
    )
    raw_name = document[begin : begin + name_bytes]
    begin += name_bytes + extra
    end = begin + entry.compress_size
    if magic != _LOCAL_MAGIC or end > directory:
        raise OFDError("zip.malformed", "local header is wrong")
    _check_extra(document[begin - extra : begin], entry.orig_filename[:80])
    stated, listed = (crc, packed, size), (entry.CRC, entry.compress_size, entry.file_size)
    described = bool(flags & _DESCRIPTOR)
    agrees = (
        raw_name.decode("utf-8" if flags & _UTF8 else "cp437", "replace") == entry.orig_filename
        and method == entry.compress_type
        and flags == entry.flag_bits
        and (stated == listed or (described and stated == (0, 0, 0)))
    )
    if not agrees:
        raise OFDError("zip.headers_disagree", entry.orig_filename[:80])
    stored = PackedEntry(memoryview(document)[begin:end], method, entry.CRC, entry.file_size)
    return stored, end + (_descriptor_bytes(document, end, entry) if described else 0)


def _inflate(stored: PackedEntry, limits: Limits) -> bytes:
    if stored.method == zipfile.ZIP_STORED:
        return _checked(bytes(stored.content), stored, limits)
    return content_of(stored.content, stored.crc, stored.size, lambda: _inflated(stored, limits))


def _inflated(stored: PackedEntry, limits: Limits) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(stored.content, stored.size + 1)
    except zlib.error as error:
        raise OFDError("zip.malformed", "entry does not inflate") from error
    if not inflater.eof or inflater.unused_data or inflater.unconsumed_tail:
        raise OFDError("zip.headers_disagree", "entry is longer or shorter than listed")
    return _checked(content, stored, limits)


def _checked(content: bytes, stored: PackedEntry, limits: Limits) -> bytes:
    if len(content) != stored.size or zlib.crc32(content) != stored.crc:
        raise OFDError("zip.headers_disagree", "entry is not what its checksum says")
    if len(content) > max(_RATIO_FREE_BYTES, limits.max_ratio * len(stored.content)):
        raise OFDError("zip.bomb", "entry inflates too much")
    return content


def _descriptor_bytes(document: bytes, end: int, entry: zipfile.ZipInfo) -> int:
    """Return the length of the data descriptor behind an entry, with or without its mark."""
    values = struct.pack("<3L", entry.CRC, entry.compress_size, entry.file_size)
    for length, mark in zip(_DESCRIPTOR_SIZES, (b"", b"PK\x07\x08"), strict=True):
        if document[end : end + length] == mark + values:
            return length
    raise OFDError("zip.headers_disagree", "data descriptor is wrong")
