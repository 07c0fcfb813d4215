"""What a verifier trusts: per region, keys, authorities and lists, as files or values.

A region's directory holds:

* ``root.pem``   trust anchors; the only file that must be there
* ``chain.pem``  intermediate certificates
* ``crl.der``, ``root.crl.der``, ``<any>.crl.der``   revocation lists
* ``trust.json`` authorities, signers, log key, status lists (`verification.trust_document`)
* ``status-<n>.cwt``   status list tokens as they were when the directory was made

With fewer files less can be checked, and the answer is cannot_say with that reason.
What was parsed or proven once is kept in the `TrustStore` that it was proven with.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sealkit.asn1.crl import parse_crl
from sealkit.asn1.x509 import Certificate, parse_certificate, pem_to_certificates, to_pem
from sealkit.errors import MalformedError
from verification.errors import SourceUnavailableError
from verification.trust_document import SIGNER_LISTS, Authority, LogIdentity, TrustDocument

__all__ = ["Authority", "LogIdentity", "RegionTrust", "SnapshotStatus", "TrustStore"]

MAX_TRUST_BYTES: Final = 8 * 1024 * 1024
_MAX_PROVEN: Final = 4096


@dataclass(frozen=True)
class RegionTrust:
    """The trust material of one region (互认地区). All certificates are DER."""

    region: str
    """Six digits; empty when the directory does not say."""
    name_zh: str
    anchors: tuple[bytes, ...]
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    authorities: tuple[Authority, ...] = ()
    seal_makers: tuple[bytes, ...] = ()
    pdf_signers: tuple[bytes, ...] = ()
    """Certificates that sign PDF editions for every authority of the region."""
    code_signers: tuple[bytes, ...] = ()
    status_signers: tuple[bytes, ...] = ()
    receipt_signers: tuple[bytes, ...] = ()
    log: LogIdentity | None = None
    status_tokens: Mapping[str, bytes] = field(default_factory=dict)
    """Status list tokens by address, for use without a connection."""
    as_of: datetime | None = None
    """When the material was gathered; None when the directory does not say."""

    def authority(self, code: str) -> Authority | None:
        """Return the authority with this USCC."""
        return next((entry for entry in self.authorities if entry.code == code), None)

    def to_files(self) -> dict[str, bytes]:
        """Return the directory that `from_files` reads."""
        files = {"root.pem": _to_pem(self.anchors)}
        if self.intermediates:
            files["chain.pem"] = _to_pem(self.intermediates)
        files |= _named_crls(self)
        names = {uri: f"status-{n}.cwt" for n, uri in enumerate(sorted(self.status_tokens))}
        files |= {name: self.status_tokens[uri] for uri, name in names.items()}
        files["trust.json"] = TrustDocument(
            region=self.region,
            name_zh=self.name_zh,
            as_of=self.as_of,
            authorities=self.authorities,
            signers={name: getattr(self, name) for name in SIGNER_LISTS},
            log=self.log,
            status_files=names,
        ).to_json()
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "RegionTrust":
        """Read a directory; files with other names are ignored.

        Raises:
            MalformedError: if ``root.pem`` is absent or holds no certificate, or any file
                that is there is not what its name says.
        """
        if sum(map(len, files.values())) > MAX_TRUST_BYTES:
            raise MalformedError("trust directory is too large")
        anchors = _from_pem(files.get("root.pem", b""))
        if not anchors:
            raise MalformedError("trust directory has no certificate in root.pem")
        lists = [content for name, content in sorted(files.items()) if _is_crl(name)]
        bare = cls(
            region="",
            name_zh="",
            anchors=anchors,
            intermediates=_from_pem(files.get("chain.pem", b"")),
            crls=tuple(_checked_crl(content) for content in lists),
        )
        if "trust.json" not in files:
            return bare
        document = TrustDocument.from_json(files["trust.json"])
        return replace(
            bare,
            region=document.region,
            name_zh=document.name_zh,
            authorities=document.authorities,
            log=document.log,
            as_of=document.as_of,
            status_tokens=_read_tokens(document.status_files, files),
            **document.signers,
        )


@dataclass(frozen=True)
class TrustStore:
    """Every region a verifier knows, and what was already proven with them."""

    regions: tuple[RegionTrust, ...]
    proven: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)
    """Results that depend on nothing but the trust material; bounded, shared with no
    other store."""

    def region(self, code: str) -> RegionTrust | None:
        """Return the trust material of the region `code`."""
        return next((entry for entry in self.regions if entry.region == code), None)

    def keep(self, key: Hashable, result: Any) -> Any:
        """Remember and return `result`; all is forgotten when too much was kept."""
        if len(self.proven) >= _MAX_PROVEN:
            self.proven.clear()
        self.proven[key] = result
        return result

    def certificate(self, der: bytes) -> Certificate:
        """Return the parsed certificate.

        Raises:
            MalformedError: if it is none.
        """
        key = ("certificate", der)
        found: Certificate | None = self.proven.get(key)
        return found or self.keep(key, parse_certificate(der))


class SnapshotStatus:
    """A `StatusSource` over the tokens that the trust material carries."""

    def __init__(self, trust: TrustStore) -> None:
        self._tokens = {
            uri: token for region in trust.regions for uri, token in region.status_tokens.items()
        }

    def token(self, uri: str) -> bytes:
        """Return the token of `uri` as the trust material carries it."""
        if uri not in self._tokens:
            raise SourceUnavailableError(f"the trust material carries no status list {uri}")
        return self._tokens[uri]


def _to_pem(certificates: Iterable[bytes]) -> bytes:
    return b"".join(to_pem(der, "CERTIFICATE") for der in certificates)


def _from_pem(pem: bytes) -> tuple[bytes, ...]:
    return tuple(certificate.der for certificate in pem_to_certificates(pem)) if pem else ()


def _is_crl(name: str) -> bool:
    return name == "crl.der" or name.endswith(".crl.der")


def _checked_crl(der: bytes) -> bytes:
    parse_crl(der)
    return der


def _named_crls(trust: RegionTrust) -> dict[str, bytes]:
    anchors = {parse_certificate(der).subject_der for der in trust.anchors}
    names: dict[str, bytes] = {}
    for der in trust.crls:
        wanted = "root.crl.der" if parse_crl(der).issuer_der in anchors else "crl.der"
        names[wanted if wanted not in names else f"more-{len(names)}.crl.der"] = der
    return names


def _read_tokens(names: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, bytes]:
    missing = [name for name in names.values() if name not in files]
    if missing:
        raise MalformedError(f"trust directory lacks {missing[0]}")
    return {uri: files[name] for uri, name in names.items()}
