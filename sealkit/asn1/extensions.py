"""Extensions of certificates and revocation lists (RFC 5280, 4.2 and 5.2), undecoded."""

from dataclasses import dataclass

from sealkit.asn1 import der, encode
from sealkit.errors import MalformedError


@dataclass(frozen=True)
class Extension:
    """One extension, its value undecoded."""

    oid: str
    critical: bool
    value: bytes


def read_extensions(reader: der.Reader) -> tuple[Extension, ...]:
    """Take every Extension that is left in `reader`.

    Raises:
        MalformedError: if one comes twice.
    """
    found = tuple(_read(entry) for entry in reader)
    if len({extension.oid for extension in found}) != len(found):
        raise MalformedError("an extension comes twice")
    return found


def build_extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """Return one Extension around an encoded value."""
    # DER leaves out a BOOLEAN that has its default value.
    mark = [encode.boolean(True)] if critical else []
    return encode.sequence(encode.object_identifier(oid), *mark, encode.octet_string(value))


def _read(entry: der.Element) -> Extension:
    members = entry.children()
    oid = members.object_identifier()
    critical = members.take_if(der.BOOLEAN)
    value = members.octets()
    members.finish()
    return Extension(oid, critical is not None and der.boolean(critical), value)
