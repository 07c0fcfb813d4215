"""Certificates: single links and whole paths, ours judged by peers and theirs by us."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import pem, x509

from sealkit import oids
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError
from tests.peers.bouncy_castle import CannotJudgeError, RefusedError
from tests.peers.flipping import flipped
from tests.peers.openssl import DISTID
from verification.paths import PathVerdict, validate_path

VECTORS = Path(__file__).parents[1] / "vectors" / "sm2_chains"
CASES = [
    case
    for case in json.loads((VECTORS / "index.json").read_text())["cases"]
    if case["revocation"] == "none"
]
AT = datetime(2026, 12, 1, tzinfo=UTC)
NO_BACKTRACKING = {"cross-signed-extra-selfsigned"}
"""OpenSSL stops at a self-signed root it does not trust, even when another way leads on."""


def ders(names):
    return [pem.unarmor((VECTORS / name).read_bytes())[2] for name in names]


def issuer_of(world, name):
    certificate = world.keys.certificate(name)
    for issuer in ("root", "sub_ca"):
        if world.keys.certificate(issuer).subject_der == certificate.issuer_der:
            return world.der(issuer)
    return None


def sm2_links(world):
    for name in world.keys.names():
        certificate = world.keys.certificate(name)
        issuer = issuer_of(world, name)
        if issuer and certificate.signature_algorithm == oids.SM2_WITH_SM3:
            yield name, certificate.der, issuer


def test_openssl_follows_every_link_of_our_region(openssl, world):
    for name, der, issuer in sm2_links(world):
        assert openssl.verifies_link(der, issuer), name
        openssl.write_key("issuer", parse_certificate(issuer).spki)
        assert openssl.verifies_signed("issuer", der), name


def test_openssl_refuses_a_changed_certificate_and_so_do_we(openssl, world):
    leaf, issuer = world.der("seal_signer_market"), world.der("sub_ca")
    serial = parse_certificate(leaf).serial.to_bytes(32).lstrip(b"\0")
    forged = flipped(leaf, leaf.index(serial) + len(serial) - 1)
    assert not openssl.verifies_link(forged, issuer)
    with pytest.raises(InvalidSignatureError):
        parse_certificate(forged).verify_signed_by(parse_certificate(issuer))


def test_bouncy_castle_follows_every_link_of_our_region(bouncy, world):
    links = list(sm2_links(world))
    assert len(links) >= 8
    for name, der, issuer in links:
        serial = bouncy.ask("verify-certificate", der, issuer)[0]
        assert int(serial) == parse_certificate(der).serial, name


def test_bouncy_castle_refuses_a_changed_certificate(bouncy, world):
    leaf, issuer = world.der("seal_signer_market"), world.der("sub_ca")
    for place in range(10, len(leaf), 37):
        assert bouncy.refuses("verify-certificate", flipped(leaf, place), issuer), place


def test_asn1crypto_reads_every_certificate_as_we_do(world):
    for name, der, _ in sm2_links(world):
        theirs, ours = x509.Certificate.load(der, strict=True), parse_certificate(der)
        assert theirs.dump(force=True) == der, name
        assert theirs.serial_number == ours.serial
        assert theirs.subject.dump() == ours.subject_der
        assert theirs.not_valid_after == ours.not_after


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_libcrypto_judges_the_shared_chains_as_we_do(path_error, case):
    (leaf,) = ders([case["leaf"]])
    material = {
        "intermediates": ders(case["intermediates"]),
        "anchors": ders(case["trust_anchors"]),
        "at": datetime.fromisoformat(case["validation_time"]),
    }
    ours = validate_path(leaf, **material, crls=(), purpose="any", require_revocation=False)
    error = path_error(leaf, **material)
    if case["id"] in NO_BACKTRACKING:
        assert (error == 0, ours.verdict) == (False, PathVerdict.OK)
    else:
        assert (error == 0) == (ours.verdict is PathVerdict.OK), (error, ours)


def test_libcrypto_accepts_the_three_levels_of_our_region(path_error, world):
    for name in ("seal_signer_market", "seal_maker", "timestamp"):
        error = path_error(
            world.der(name), intermediates=[world.der("sub_ca")], anchors=[world.der("root")], at=AT
        )
        assert error == 0, name


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_bouncy_castle_judges_the_ways_we_found_as_we_do(bouncy, case):
    """It is given the path in order, so only complete ways can be put before it."""
    (leaf,) = ders([case["leaf"]])
    at = datetime.fromisoformat(case["validation_time"])
    ours = validate_path(
        leaf,
        intermediates=ders(case["intermediates"]),
        anchors=ders(case["trust_anchors"]),
        crls=(),
        at=at,
        purpose="any",
        require_revocation=False,
    )
    if not ours.chain:
        assert ours.verdict is not PathVerdict.OK
        return
    *path, anchor = ours.chain
    assert bouncy.refuses("verify-path", at, 0, anchor, *path) == (
        ours.verdict is not PathVerdict.OK
    )


def test_bouncy_castle_accepts_our_region_with_our_lists_and_refuses_the_revoked(bouncy, world):
    leaf, sub, root = (world.der(name) for name in ("seal_signer_market", "sub_ca", "root"))
    at = world.region_trust.as_of
    lists = world.region_trust.crls
    bouncy.ask("verify-path", at, len(lists), *lists, root, leaf, sub)
    revoking = world.trust_revoking("seal_signer_market", at=at).regions[0].crls
    with pytest.raises(RefusedError, match=r"revo[ck]"):
        bouncy.ask("verify-path", at, len(revoking), *revoking, root, leaf, sub)


def test_we_accept_a_chain_of_bouncy_castle(theirs):
    outcome = judged(theirs["sign"], theirs["root"])
    assert outcome.verdict is PathVerdict.OK
    place = theirs["sign"].index(b"bc-sign")
    assert judged(flipped(theirs["sign"], place), theirs["root"]).reason_code == "bad_signature"


def judged(leaf, *anchors, intermediates=()):
    return validate_path(
        leaf,
        intermediates=intermediates,
        anchors=anchors,
        crls=(),
        at=AT,
        purpose="sign",
        require_revocation=False,
    )


CONFIGURATION = b"""
[req]
distinguished_name=dn
prompt=no
utf8=yes
string_mask=utf8only
[dn]
C=CN
CN=\xe6\xb5\x8b\xe8\xaf\x95
[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[sub]
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
[leaf]
keyUsage=critical,digitalSignature,nonRepudiation
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""


def test_we_accept_three_levels_made_by_openssl(openssl):
    openssl.write("c.cnf", CONFIGURATION)
    for name in ("root", "sub", "leaf"):
        openssl.run("genpkey", "-algorithm", "SM2", "-out", f"{name}.key")
    openssl.run(
        "req", "-x509", "-new", "-key", "root.key", "-sm3", "-sigopt", DISTID, "-config", "c.cnf",
        "-extensions", "root", "-subj", "/C=CN/CN=root", "-days", "3650", "-out", "root.pem",
    )  # fmt: skip
    for name, issuer in (("sub", "root"), ("leaf", "sub")):
        openssl.run(
            "req", "-new", "-key", f"{name}.key", "-sm3", "-sigopt", DISTID, "-config", "c.cnf",
            "-subj", f"/C=CN/CN={name}", "-out", f"{name}.csr",
        )  # fmt: skip
        openssl.run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey",
            f"{issuer}.key", "-CAcreateserial", "-sm3", "-vfyopt", DISTID, "-sigopt", DISTID,
            "-extfile", "c.cnf", "-extensions", name, "-days", "365", "-out", f"{name}.pem",
        )  # fmt: skip
    root, sub, leaf = (
        pem.unarmor(openssl.read(f"{name}.pem"))[2] for name in ("root", "sub", "leaf")
    )
    at = parse_certificate(leaf).not_before
    made = {
        "anchors": [root], "intermediates": [sub], "crls": (), "at": at, "purpose": "sign",
        "require_revocation": False,
    }  # fmt: skip
    assert validate_path(leaf, **made).verdict is PathVerdict.OK
    changed = validate_path(flipped(leaf, leaf.index(b"leaf")), **made)
    assert changed.reason_code == "bad_signature"


def test_bouncy_castle_says_so_when_it_cannot_read(bouncy):
    with pytest.raises(CannotJudgeError):
        bouncy.ask("verify-certificate", b"nonsense", b"nonsense")
