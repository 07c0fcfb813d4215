"""Places inside a package (ST_Loc): absolute from the root, or relative to a folder."""

from functools import lru_cache
from typing import Final

from sealkit.formats.ofd.errors import OFDError

_SHORT: Final = 256  # characters


def resolve(location: str, holder: str) -> str:
    """Return the entry name that `location`, written in the file `holder`, stands for.

    Raises:
        OFDError: ``ofd.reference.outside`` if it leaves the package,
            ``ofd.reference.missing`` if it names nothing.
    """
    return resolve_in(folder_of(holder), location)


def resolve_in(folder: str, location: str) -> str:
    """Return the entry name that `location` stands for, seen from `folder`.

    Raises:
        OFDError: as `resolve`.
    """
    name = _joined(folder, location)
    if not name:
        raise OFDError("ofd.reference.missing", "an empty location")
    return name


def base_folder(base: str, holder: str) -> str:
    """Return the folder that `base`, a BaseLoc written in the file `holder`, stands for.

    Raises:
        OFDError: ``ofd.reference.outside`` if it leaves the package.
    """
    return _joined(folder_of(holder), base)


def folder_of(name: str) -> str:
    """Return the folder of the entry `name`; empty for the root."""
    return name.rpartition("/")[0]


def _joined(folder: str, location: str) -> str:
    if len(folder) + len(location) <= _SHORT:
        return _known(folder, location)
    return _walked(folder, location)


@lru_cache(maxsize=1024)  # packages of one maker are laid out alike
def _known(folder: str, location: str) -> str:
    return _walked(folder, location)


def _walked(folder: str, location: str) -> str:
    location = location.strip()
    parts = folder.split("/") if folder and not location.startswith("/") else []
    for part in location.split("/"):
        if part in ("", "."):
            continue
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise OFDError("ofd.reference.outside", location[:80])
    if "\\" in location or "\0" in location:
        raise OFDError("ofd.reference.outside", location[:80])
    return "/".join(parts)
