"""The OpenSSL command in a folder of its own, with what it takes to make it judge SM2.

Its default signer ID is empty, so the ID is given wherever a command takes one; where none
does, it cuts the signed bytes out and checks them raw (fact sheet on SM2 PKI, 6).
"""

import re
import subprocess

from asn1crypto import pem

DISTID = "distid:1234567812345678"
_LINE = re.compile(
    r"^ *(\d+):d=(\d+) +hl=(\d+) +l= *\d+ (cons|prim): ([^:]*?) *(?:\[HEX DUMP\])?(?::.*)?$"
)


class OpenSSL:
    def __init__(self, folder):
        self.folder = folder

    def write(self, name, content):
        (self.folder / name).write_bytes(content)
        return name

    def read(self, name):
        return (self.folder / name).read_bytes()

    def write_certificate(self, name, der):
        return self.write(name, pem.armor("CERTIFICATE", der))

    def write_identity(self, name, identity):
        self.write_certificate(f"{name}.pem", identity.certificate_der)
        self.write(f"{name}.key", identity.private_pem())
        self.write_key(name, identity.spki)

    def write_key(self, name, spki):
        self.write(f"{name}.pub", pem.armor("PUBLIC KEY", spki))

    def attempt(self, *arguments):
        """Return exit code and everything said."""
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, check=False
        )
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")

    def run(self, *arguments):
        code, said = self.attempt(*arguments)
        assert code == 0, said
        return said

    def structure(self, name):
        """Lines of asn1parse as (offset, depth, header, constructed, type)."""
        out = self.run("asn1parse", "-inform", "DER", "-in", name)
        found = [_LINE.match(text) for text in out.splitlines()]
        assert all(found), out
        return [(int(m[1]), int(m[2]), int(m[3]), m[4], m[5]) for m in found]

    def cut(self, name, offset):
        """The value at `offset`; of a string, its content."""
        self.run(
            "asn1parse", "-inform", "DER", "-in", name, "-strparse", str(offset),
            "-noout", "-out", "cut",
        )  # fmt: skip
        return self.read("cut")

    def verifies_sm2(self, identity_name, signature, message):
        """Whether the DER signature holds under ``<identity_name>.pub``."""
        self.write("signature", signature)
        self.write("message", message)
        _, said = self.attempt(
            "dgst", "-sm3", "-sigopt", DISTID, "-verify", f"{identity_name}.pub",
            "-signature", "signature", "message",
        )  # fmt: skip
        return said.strip() == "Verified OK"

    def verifies_signed(self, identity_name, der):
        """Whether SEQUENCE{tbs, algorithm, BIT STRING} is signed: certificate, list, request."""
        self.write("signed.der", der)
        top = [line for line in self.structure("signed.der") if line[1] == 1]
        if [line[4] for line in top[:3]] != ["SEQUENCE", "SEQUENCE", "BIT STRING"]:
            return False
        tbs, value = (self.cut("signed.der", top[number][0]) for number in (0, 2))
        return self.verifies_sm2(identity_name, value, tbs)

    def verifies_link(self, subject_der, issuer_der):
        """Whether `openssl verify` finds that the issuer signed the subject."""
        self.write_certificate("issuer.pem", issuer_der)
        self.write_certificate("subject.pem", subject_der)
        code, _ = self.attempt(
            "verify", "-vfyopt", DISTID, "-partial_chain", "-no_check_time",
            "-trusted", "issuer.pem", "subject.pem",
        )  # fmt: skip
        return code == 0
