"""Places inside a package (ST_Loc): absolute from the root, or relative to a file."""

from sealkit.formats.ofd.errors import OFDError


def resolve(location: str, holder: str) -> str:
    """Return the entry name that `location`, written in the file `holder`, stands for.

    Raises:
        OFDError: ``ofd.reference.outside`` if it leaves the package or names nothing.
    """
    location = location.strip()
    base = [] if location.startswith("/") else holder.split("/")[:-1]
    for part in location.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not base:
                raise OFDError("ofd.reference.outside", location[:80])
            base.pop()
        else:
            base.append(part)
    if not base or "\\" in location or "\0" in location:
        raise OFDError("ofd.reference.outside", location[:80])
    return "/".join(base)
