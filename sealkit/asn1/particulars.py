"""What a certificate says of its holder beside name and key (RFC 5280, 4.2.1), built and read.

| extension | says |
| --- | --- |
| subjectAltName, 4.2.1.6 | hosts and addresses that a TLS key speaks for |
| nameConstraints, 4.2.1.10 | names that a certified authority may certify in turn |
| certificatePolicies, 4.2.1.4 | under which policies it was issued |
| cRLDistributionPoints, 4.2.1.13 | where lists that speak of it are served |
| organisation code, 1.2.156.10260.4.1.4 | the unified social credit code, as deployed |

Only what we build is read; any other form is a `MalformedError`.
"""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sealkit import oids
from sealkit.asn1 import der, encode
from sealkit.asn1.extensions import Extension, build_extension
from sealkit.asn1.x509 import name_parts
from sealkit.errors import MalformedError

_DNS_NAME: Final = der.context(2, constructed=False)
_DIRECTORY_NAME: Final = der.context(4)
_URI: Final = der.context(6, constructed=False)
_IP_ADDRESS: Final = der.context(7, constructed=False)
_IP_BYTES: Final = (4, 16)
MAX_ENTRIES: Final = 64
"""Names, addresses or policies in one extension."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What one certificate says beyond what its profile says of all."""

    dns_names: tuple[str, ...] = ()
    """Host names, ASCII."""

    ip_addresses: tuple[str, ...] = ()
    """IPv4 or IPv6, as text in its shortest form."""

    permitted_names: tuple[bytes, ...] = ()
    """DER Names; what is certified below must begin with one of them."""

    policies: tuple[str, ...] = ()
    """Dotted identifiers of certificate policies."""

    organisation_code: str | None = None
    """Unified social credit code of the holder."""

    crl_addresses: tuple[str, ...] = ()
    """Further distribution points, after the authority's own."""

    key_identifier: bytes | None = None
    """By which the key is known already, elsewhere; not read back here."""


NOTHING_MORE: Final = Particulars()


def extensions(particulars: Particulars) -> list[bytes]:
    """Return the extensions that say it; distribution points are not among them.

    Raises:
        ValueError: if an address or identifier is none.
    """
    found = []
    names = [encode.value(_DNS_NAME, name.encode("ascii")) for name in particulars.dns_names]
    for address in particulars.ip_addresses:
        names.append(encode.value(_IP_ADDRESS, ipaddress.ip_address(address).packed))
    if names:
        found.append(build_extension(oids.SUBJECT_ALTERNATIVE_NAME, encode.sequence(*names)))
    if particulars.permitted_names:
        # RFC 5280, 4.2.1.10: critical, so that nobody who cannot read it believes what is below.
        subtrees = encode.context(0, *map(_subtree, particulars.permitted_names))
        constraints = encode.sequence(subtrees)
        found.append(build_extension(oids.NAME_CONSTRAINTS, constraints, critical=True))
    if particulars.policies:
        policies = (encode.sequence(encode.object_identifier(oid)) for oid in particulars.policies)
        found.append(build_extension(oids.CERTIFICATE_POLICIES, encode.sequence(*policies)))
    if particulars.organisation_code is not None:
        code = encode.printable_string(particulars.organisation_code)
        found.append(build_extension(oids.ORGANISATION_CODE, code))
    return found


def distribution_points(addresses: Iterable[str]) -> bytes:
    """Return cRLDistributionPoints with one point for each address."""
    points = []
    for address in addresses:
        # DistributionPoint { [0] { fullName [0] { uniformResourceIdentifier [6] } } }
        full_name = encode.context(0, encode.value(_URI, address.encode("ascii")))
        points.append(encode.sequence(encode.context(0, full_name)))
    return build_extension(oids.CRL_DISTRIBUTION_POINTS, encode.sequence(*points))


def read_particulars(found: Iterable[Extension]) -> Particulars:
    """Return what extensions of a certificate say; others than those named above are passed over.

    Raises:
        MalformedError: if one of them has a form that we do not build.
    """
    values = {extension.oid: extension.value for extension in found}
    readers = {oid: reader for oid, reader in _READERS.items() if oid in values}
    read: dict[str, Any] = {}
    for oid, reader in readers.items():
        read |= reader(values[oid])
    return Particulars(**read)


def _subtree(name: bytes) -> bytes:
    return encode.sequence(encode.value(_DIRECTORY_NAME, name))


def _members(value: bytes) -> list[der.Element]:
    members = list(der.parse(value, der.SEQUENCE).children())
    if not 1 <= len(members) <= MAX_ENTRIES:
        raise MalformedError(f"an extension with {len(members)} entries")
    return members


def _alternative_names(value: bytes) -> dict[str, Any]:
    hosts: list[str] = []
    addresses: list[str] = []
    for member in _members(value):
        if member.tag == _DNS_NAME:
            hosts.append(_ascii(member.content))
        elif member.tag == _IP_ADDRESS and len(member.content) in _IP_BYTES:
            addresses.append(str(ipaddress.ip_address(member.content)))
        else:
            raise MalformedError("an alternative name that is neither host nor address")
    return {"dns_names": tuple(hosts), "ip_addresses": tuple(addresses)}


def _permitted(value: bytes) -> dict[str, Any]:
    constraints = der.parse(value, der.SEQUENCE).children()
    permitted = constraints.take(der.context(0))
    constraints.finish()
    names = []
    for subtree in permitted.children():
        members = subtree.children()
        inner = members.take(_DIRECTORY_NAME).children()
        name = inner.take(der.SEQUENCE).der
        inner.finish()
        members.finish()
        name_parts(name)
        names.append(name)
    if not 1 <= len(names) <= MAX_ENTRIES:
        raise MalformedError(f"name constraints with {len(names)} names")
    return {"permitted_names": tuple(names)}


def _policies(value: bytes) -> dict[str, Any]:
    found = []
    for member in _members(value):
        policy = member.children()
        found.append(policy.object_identifier())
        policy.finish()
    return {"policies": tuple(found)}


def _organisation_code(value: bytes) -> dict[str, Any]:
    return {"organisation_code": der.text(der.parse(value, der.PRINTABLE_STRING))}


def _addresses(value: bytes) -> dict[str, Any]:
    found = []
    for member in _members(value):
        point = member.children()
        name = point.take(der.context(0)).children()
        full_name = name.take(der.context(0)).children()
        found.append(_ascii(full_name.take(_URI).content))
        for reader in (full_name, name, point):
            reader.finish()
    return {"crl_addresses": tuple(found)}


def _ascii(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedError("a name that is not ASCII") from error


_READERS: Final[Mapping[str, Callable[[bytes], dict[str, Any]]]] = {
    oids.SUBJECT_ALTERNATIVE_NAME: _alternative_names,
    oids.NAME_CONSTRAINTS: _permitted,
    oids.CERTIFICATE_POLICIES: _policies,
    oids.ORGANISATION_CODE: _organisation_code,
    oids.CRL_DISTRIBUTION_POINTS: _addresses,
}
