"""A sealed OFD taken apart by zipfile, ElementTree and asn1crypto, which are not ours."""

import re
from xml.etree import ElementTree as xml

from asn1crypto import core, parser, pem, x509

from sealkit.sm.sm2 import SM2PublicKey
from tests.conformance import test_bad_licences  # noqa: F401  # registers the cases
from tests.conformance.world import xinjiang
from verification.report import Severity

SM3_OID, SM2_WITH_SM3 = "1.2.156.10197.1.401", "1.2.156.10197.1.501"
NS = {"o": "http://www.ofdspec.org/2016"}
SIGNS = "Doc_0/Signs"


def parts(der):
    """The values inside one SEQUENCE, strictly: nothing may follow it."""
    return [child.parse() for child in core.SequenceOf.load(der, spec=core.Any, strict=True)]


def info_of(seal):
    return parts(parts(seal)[0].dump())


def key_of(certificate):
    return SM2PublicKey.from_spki(x509.Certificate.load(certificate).public_key.dump())


def root(minted, name):
    return xml.fromstring(minted.entries[name])


def pages(minted):
    names = sorted(n for n in minted.names if re.fullmatch(r"Doc_0/Pages/Page_\d+/Content.xml", n))
    return [root(minted, name) for name in names]


def signature_xml(minted, number=0):
    return root(minted, f"{SIGNS}/Sign_{number}/Signature.xml")


def found_against(case):
    world = xinjiang()
    shown = case.shown(world)
    report = world.report(shown.document, **shown.sources)
    against = (Severity.ERROR, Severity.UNKNOWN)
    found = {finding.code for finding in report.findings if finding.severity in against}
    return found - case.also


def advances(delta):
    """How many advances an array of DeltaX gives, `g count value` unfolded."""
    words, total = delta.split(), 0
    while words:
        if words[0] == "g":
            total += int(words[1])
            words = words[3:]
        else:
            total += 1
            words = words[1:]
    return total


def ofd_tag(name):
    return f"{{{NS['o']}}}{name}"


def first_and_rest(content):
    length = parser.peek(content)
    return content[:length], content[length:]


def openssl_verifies(openssl, certificate, signature, message):
    spki = x509.Certificate.load(certificate).public_key.dump()
    openssl.write("signer.pub", pem.armor("PUBLIC KEY", spki))
    return openssl.verifies_sm2("signer", signature, message)
