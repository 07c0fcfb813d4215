"""Make the development keys and certificates of both demonstration regions.

    python keys_dev/make_dev_keys.py            write them
    python keys_dev/make_dev_keys.py --check    compare what is there, change nothing

Every key is derived from a public sentence, so it protects nothing and says so: "DEV" is in
every subject, and a production start refuses it. Serial numbers and dates are derived and
fixed too; only the signatures differ from run to run, because SM2 signs with fresh
randomness. `--check` therefore compares the bytes that were signed and verifies the
signature over them.
"""

import hashlib
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ca.authority import SERIAL_BYTES, issue, prepare
from ca.keystore import ECDSASigner, SM2Signer
from ca.profiles import PROFILES, Profile
from sealkit import oids
from sealkit.asn1 import encode
from sealkit.asn1.x509 import Certificate, pem_to_certificates, to_pem
from sealkit.errors import SealkitError
from sealkit.sm import curve, sm3
from sealkit.sm.sm2 import SM2PrivateKey

HERE = Path(__file__).parent
SENTENCE = b"Yinxin development key, known to everybody, good for nothing: "
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(2046, 1, 1, tzinfo=UTC)
"""Longer than the profiles allow, so that this checkout still works in ten years."""

REGIONS = {
    "650000": "新疆维吾尔自治区",
    "440000": "广东省",
}


@dataclass(frozen=True)
class Entry:
    """One key to make."""

    name: str
    purpose: str
    common_name: str
    organisation: str = "政务电子证照信任服务"
    issuer: str = "sub_ca"


ENTRIES = (
    Entry("root", "root", "根证书"),
    Entry("sub_ca", "sub_ca", "签发证书", issuer="root"),
    Entry("seal_maker", "seal_maker", "电子印章制章"),
    Entry("seal_signer_market", "seal_signer", "电子证照专用章", "示例市市场监督管理局"),
    Entry("seal_signer_land", "seal_signer", "不动产登记专用章", "示例市自然资源局"),
    Entry("seal_signer_civil", "seal_signer", "婚姻登记专用章", "示例市民政局"),
    Entry("pdf_signer", "pdf_signer", "电子证照版式文件签名"),
    Entry("code_signer", "code_signer", "电子证照二维码签名"),
    Entry("status_signer", "status_signer", "电子证照状态签名"),
    Entry("timestamp", "timestamp", "时间戳"),
    Entry("ocsp", "ocsp", "证书状态应答"),
    Entry("receipt", "receipt", "核验凭据签名"),
    Entry("trust_bundle", "trust_bundle", "离线信任包签名"),
    Entry("audit", "audit", "审计链签名"),
    Entry("log", "log", "透明日志"),
    Entry("token", "token", "访问令牌"),
    Entry("trust_root_1", "trust_list", "信任列表根一"),
    Entry("trust_root_2", "trust_list", "信任列表根二"),
    Entry("trust_root_3", "trust_list", "信任列表根三"),
    Entry("trust_targets", "trust_list", "信任列表内容"),
    Entry("trust_online", "trust_list", "信任列表发布"),
    Entry("ecdsa_root", "ecdsa_root", "ECDSA 根证书"),
    Entry("pdf_signer_ecdsa", "pdf_signer_ecdsa", "版式文件通用签名", issuer="ecdsa_root"),
    Entry("timestamp_ecdsa", "timestamp_ecdsa", "通用时间戳", issuer="ecdsa_root"),
)


class DevelopmentKey:
    """A derived key, SM2 or ECDSA, with its public half."""

    def __init__(self, region: str, name: str, profile: Profile) -> None:
        seed = hashlib.new("sm3", SENTENCE + f"{region}/{name}".encode()).digest()
        number = int.from_bytes(seed) % (curve.N - 2) + 1
        self.profile = profile
        self._sm2 = SM2PrivateKey(number.to_bytes(32))
        self._ecdsa = ec.derive_private_key(number, ec.SECP256R1())
        serial = sm3.digest(b"serial of " + seed)[:SERIAL_BYTES]
        self.serial = int.from_bytes(serial) | 1 << (8 * SERIAL_BYTES - 1)

    @property
    def is_sm2(self) -> bool:
        """Whether the profile signs with SM2."""
        return self.profile.algorithm == oids.SM2_WITH_SM3

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo."""
        if self.is_sm2:
            return self._sm2.public_key.spki
        return self._ecdsa.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def pkcs8(self) -> bytes:
        """The key as PKCS#8."""
        if not self.is_sm2:
            return self._ecdsa.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        inner = encode.sequence(
            encode.integer(1),
            encode.octet_string(self._sm2.scalar),
            encode.context(1, encode.bit_string(self._sm2.public_key.point)),
        )
        algorithm = encode.sequence(
            encode.object_identifier(oids.EC_PUBLIC_KEY), encode.object_identifier(oids.SM2_CURVE)
        )
        return encode.sequence(encode.integer(0), algorithm, encode.octet_string(inner))

    def sign(self, message: bytes) -> bytes:
        """Return r‖s over `message`."""
        if self.is_sm2:
            return self._sm2.sign(message)
        r, s = decode_dss_signature(self._ecdsa.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def signer(self, certificate: Certificate) -> SM2Signer | ECDSASigner:
        """Return the signer of this key."""
        if self.is_sm2:
            return SM2Signer(self._sm2, certificate)
        return ECDSASigner(self._ecdsa, certificate)


class _SelfSigner:
    """Signs a root's own certificate, before there is one."""

    certificate_der = b""

    def __init__(self, key: DevelopmentKey) -> None:
        self._key = key
        self.algorithm = "sm2-sm3" if key.is_sm2 else "ecdsa-p256-sha256"

    def sign(self, message: bytes) -> bytes:
        """Return r‖s over `message`."""
        return self._key.sign(message)


def make_region(region: str) -> dict[str, tuple[bytes, Certificate, bytes]]:
    """Return name → (PKCS#8, certificate, bytes that were signed) of one region."""
    made: dict[str, tuple[bytes, Certificate, bytes]] = {}
    keys: dict[str, DevelopmentKey] = {}
    for entry in ENTRIES:
        profile = replace(PROFILES[entry.purpose], longest=NOT_AFTER - NOT_BEFORE)
        key = keys[entry.name] = DevelopmentKey(region, entry.name, profile)
        is_root = entry.purpose in ("root", "ecdsa_root")
        issuer = None if is_root else made[entry.issuer][1]
        prepared = prepare(
            profile,
            subject={
                "C": "CN",
                "O": f"{REGIONS[region]}{entry.organisation} 开发测试 DEV",
                "CN": f"{entry.common_name} DEV",
            },
            spki=key.spki,
            issuer=issuer,
            not_before=NOT_BEFORE,
            not_after=NOT_AFTER,
            serial=key.serial,
        )
        signer = _SelfSigner(key) if issuer is None else keys[entry.issuer].signer(issuer)
        made[entry.name] = (key.pkcs8, issue(prepared, signer), prepared.tbs)
    return made


def write() -> None:
    """Write the keys and certificates that are not there as they should be."""
    wanting = {fault.partition(":")[0] for fault in check()}
    for region in REGIONS:
        directory = HERE / region
        directory.mkdir(exist_ok=True)
        for name, (pkcs8, certificate, _tbs) in make_region(region).items():
            if f"{region}/{name}" not in wanting:
                continue  # another signature over the same bytes would change the file
            key_file = directory / f"{name}.key.pem"
            key_file.write_bytes(to_pem(pkcs8, "PRIVATE KEY"))
            (directory / f"{name}.cert.pem").write_bytes(to_pem(certificate.der, "CERTIFICATE"))


def check() -> list[str]:
    """Return what differs from what this script would make."""
    faults = []
    for region in REGIONS:
        made = make_region(region)
        for name, (pkcs8, _certificate, tbs) in made.items():
            try:
                key = (HERE / region / f"{name}.key.pem").read_bytes()
                found = pem_to_certificates((HERE / region / f"{name}.cert.pem").read_bytes())[0]
                issuer = next(entry.issuer for entry in ENTRIES if entry.name == name)
                own = name in ("root", "ecdsa_root")
                parent = found if own else _certificate_on_disk(region, issuer)
                found.verify_signed_by(parent)
            except (OSError, IndexError, SealkitError) as error:
                faults.append(f"{region}/{name}: {error}")
                continue
            if key != to_pem(pkcs8, "PRIVATE KEY") or found.tbs != tbs:
                faults.append(f"{region}/{name}: not what this script makes")
    return faults


def main() -> int:
    """Write or check; return the exit code."""
    if "--check" not in sys.argv[1:]:
        write()
        return 0
    faults = check()
    print("\n".join(faults) or "development keys are as made")
    return 1 if faults else 0


def _certificate_on_disk(region: str, name: str) -> Certificate:
    return pem_to_certificates((HERE / region / f"{name}.cert.pem").read_bytes())[0]


if __name__ == "__main__":
    sys.exit(main())
