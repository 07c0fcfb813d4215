"""Three levels to order, each replaceable, and what is said of them."""

from datetime import UTC, datetime

from asn1crypto import x509

from tests.sealkit.formats.pdf.authorities import SM2Key, certificate, revocation_list
from verification.paths import validate_path

AT = datetime(2030, 6, 1, tzinfo=UTC)
CA = ("key_cert_sign", "crl_sign")
SIGN = ("digital_signature", "non_repudiation")


class Chain:
    """Root, sub CA and leaf, each replaceable."""

    def __init__(self, make_key=SM2Key):
        self.root_key, self.sub_key, self.leaf_key = make_key(), make_key(), make_key()
        self.root = certificate("root", self.root_key, "root", self.root_key, ca=True, usage=CA)
        self.sub = certificate("sub", self.sub_key, "root", self.root_key, ca=True, usage=CA)
        self.leaf = self.issue("leaf")

    def issue(self, name, **more):
        more = {"usage": SIGN} | more
        return certificate(name, self.leaf_key, "sub", self.sub_key, **more)

    def outcome(self, leaf=None, **changes):
        arguments = {
            "intermediates": [self.sub],
            "anchors": [self.root],
            "crls": [],
            "at": AT,
            "purpose": "sign",
            "require_revocation": False,
        }
        return validate_path(self.leaf if leaf is None else leaf, **(arguments | changes))

    def lists(self, revoked=(), **more):
        """Fresh lists of both authorities; `more` is for the sub CA's."""
        return [
            revocation_list("root", self.root_key),
            revocation_list("sub", self.sub_key, revoked, **more),
        ]

    def judged(self, revoked=(), leaf=None, at=AT, **more):
        crls = self.lists(revoked, **more)
        return self.outcome(leaf, crls=crls, require_revocation=True, at=at)


def serial(der):
    return x509.Certificate.load(der).serial_number


def extension(name, value, *, critical=False):
    return {"extn_id": name, "critical": critical, "extn_value": value}
