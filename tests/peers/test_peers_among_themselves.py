"""The peers agree with each other on what we are to write: requests and SM2Cipher.

So that a disagreement with us, in either, is ours.
"""

import pytest
from asn1crypto import csr, pem

from tests.peers.bouncy_castle import RefusedError
from tests.peers.flipping import flipped
from tests.peers.openssl import DISTID

SECRET = "会话密钥 0123456789".encode()


def test_openssl_and_bouncy_castle_verify_each_others_requests(openssl, bouncy, theirs):
    (asked,) = bouncy.ask("make-request", "bc-sign")
    command = ("req", "-inform", "DER", "-in", "r.der", "-verify", "-noout", "-vfyopt", DISTID)
    openssl.write("r.der", asked)
    assert "verify OK" in openssl.attempt(*command)[1]
    openssl.write("r.der", flipped(asked, asked.index(b"bc-sign")))
    assert "verify OK" not in openssl.attempt(*command)[1]
    openssl.write("c.cnf", b"[req]\ndistinguished_name=dn\n[dn]\n")
    openssl.run("genpkey", "-algorithm", "SM2", "-out", "k.key")
    openssl.run(
        "req", "-new", "-key", "k.key", "-sm3", "-sigopt", DISTID, "-config", "c.cnf",
        "-subj", "/C=CN/CN=asker", "-outform", "DER", "-out", "r.der",
    )  # fmt: skip
    request = openssl.read("r.der")
    key, subject = bouncy.ask("verify-request", request)
    info = csr.CertificationRequest.load(request)["certification_request_info"]
    assert (key, subject) == (info["subject_pk_info"].dump(), info["subject"].dump())
    assert bouncy.refuses("verify-request", flipped(request, request.index(b"asker")))


def test_openssl_and_bouncy_castle_decrypt_each_other(openssl, bouncy, theirs):
    (spki,) = bouncy.ask("public-key", "bc-sign")
    openssl.write_key("theirs", spki)
    openssl.write("secret", SECRET)
    openssl.run(
        "pkeyutl", "-encrypt", "-pubin", "-inkey", "theirs.pub", "-in", "secret", "-out", "c"
    )
    hidden = openssl.read("c")
    assert bouncy.ask("decrypt", "bc-sign", hidden) == [SECRET]
    with pytest.raises(RefusedError):
        bouncy.ask("decrypt", "bc-sign", flipped(hidden, len(hidden) - 1))
    openssl.run("genpkey", "-algorithm", "SM2", "-out", "k.key")
    openssl.run("pkey", "-in", "k.key", "-pubout", "-out", "k.pub")
    _, _, own = pem.unarmor(openssl.read("k.pub"))
    (hidden,) = bouncy.ask("encrypt", own, SECRET)
    openssl.write("c", hidden)
    openssl.run("pkeyutl", "-decrypt", "-inkey", "k.key", "-in", "c", "-out", "found")
    assert openssl.read("found") == SECRET
