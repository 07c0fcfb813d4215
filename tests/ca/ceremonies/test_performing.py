"""What ceremonies make, what stops them, and that nothing is left then."""

import subprocess

import pytest

from ca.ceremonies.keys import opened
from ca.errors import (
    CeremonyAbortedError,
    CeremonyMaterialError,
    ConnectedRoomError,
    SealBrokenError,
    ShareError,
)
from sealkit.asn1 import certificate_builder
from sealkit.asn1.certification_request import build_request
from sealkit.asn1.crl import parse_crl
from sealkit.asn1.x509 import pem_to_certificates
from sealkit.errors import InvalidSignatureError, MalformedError
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.ceremonies.room import LIST_PLAN, OWN_KEY, ROOT_PLAN, SUB_CA_PLAN, Room, hold

DISTID = "distid:1234567812345678"
SUB_CA_NAME = {"C": "CN", "O": "示例机构", "CN": "示例签发"}
ROOT_STEPS = (
    *("opened", "clock", "key_made", "certificate", "certificate_made", "sealing", "sealed"),
    *("key_opened", "list_made", "closed"),
)
REVOCATION = """
[revoke]
serial = "{serial:x}"
reason = "ca_compromise"
invalid_since = 2026-11-01T00:00:00Z
"""


@pytest.fixture
def openssl(tmp_path):
    def run(*arguments, **files):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        return subprocess.run(
            ["openssl", *arguments], cwd=tmp_path, capture_output=True, check=False, text=True
        )

    return run


def sub_ca_of(held):
    return pem_to_certificates(held.files["sub_ca.cert.pem"])[0]


def test_a_root_ceremony_goes_through_its_steps_in_order(root_ceremony):
    assert tuple(root_ceremony.steps) == ROOT_STEPS


def test_openssl_accepts_root_authority_and_chain(root_ceremony, sub_ca_ceremony, openssl):
    found = openssl(
        *("verify", "-x509_strict", "-vfyopt", DISTID, "-CAfile", "root.pem", "sub_ca.pem"),
        **{
            "root.pem": root_ceremony.files["root.cert.pem"],
            "sub_ca.pem": sub_ca_ceremony.files["sub_ca.cert.pem"],
        },
    )
    assert "sub_ca.pem: OK" in found.stdout, found.stderr


def test_openssl_reads_the_list_and_its_number(list_ceremony, openssl):
    found = openssl(
        *("crl", "-inform", "DER", "-in", "root.crl", "-noout", "-crlnumber", "-lastupdate"),
        **{"root.crl": list_ceremony.files["root.crl"]},
    )
    assert "crlNumber=0x02" in found.stdout, found


def test_the_keys_of_root_and_authority_open_with_their_holders_shares(
    root_ceremony, sub_ca_ceremony, people
):
    with opened(people, root_ceremony.files["root.sealed"], "root") as signer:
        assert signer.certificate_der == root_ceremony.root.der
    holders = Room(shares_of=sub_ca_ceremony.shares)
    with opened(holders, sub_ca_ceremony.files["sub_ca.sealed"], "sub_ca") as signer:
        assert signer.certificate_der == sub_ca_of(sub_ca_ceremony).der


def test_no_file_holds_a_share_or_an_open_key(root_ceremony, people):
    with opened(people, root_ceremony.files["root.sealed"], "root"):
        pass
    for share in root_ceremony.shares["root"]:
        words = share.encode()
        assert all(words not in content for content in root_ceremony.files.values())
    assert all(b"BEGIN PRIVATE KEY" not in content for content in root_ceremony.files.values())


def test_an_authority_ends_no_later_than_its_root(sub_ca_ceremony, root_ceremony):
    assert sub_ca_of(sub_ca_ceremony).not_after <= root_ceremony.root.not_after


def test_an_authority_may_bring_its_request(root_ceremony, people):
    key = SM2PrivateKey.generate()
    request = build_request(certificate_builder.name(SUB_CA_NAME), key)
    plan = SUB_CA_PLAN + 'request = "sub_ca.csr"\n'
    keystore = root_ceremony.files["root.sealed"]
    held = hold(plan, people, root_keystore=keystore, request=request)
    assert sub_ca_of(held).spki == key.public_key.spki
    assert "sub_ca.sealed" not in held.files


def test_a_request_of_somebody_without_the_key_is_refused(root_ceremony, people):
    name = certificate_builder.name(SUB_CA_NAME)
    own, other = (build_request(name, SM2PrivateKey.generate()) for _ in range(2))
    half = len(own) - 60  # the signature is what stands at the end
    plan = SUB_CA_PLAN + 'request = "sub_ca.csr"\n'
    keystore = root_ceremony.files["root.sealed"]
    with pytest.raises((InvalidSignatureError, MalformedError)):
        hold(plan, people, root_keystore=keystore, request=own[:half] + other[half:])
    assert "key_opened" not in people.steps


def test_a_revocation_carries_on_from_the_list_before(root_ceremony, sub_ca_ceremony, people):
    serial = sub_ca_of(sub_ca_ceremony).serial
    plan = LIST_PLAN.replace('"list"', '"revocation"') + REVOCATION.format(serial=serial)
    brought = {
        "root_keystore": root_ceremony.files["root.sealed"],
        "previous_list": root_ceremony.files["root.crl"],
    }
    first = hold(plan, people, **brought)
    found = parse_crl(first.files["root.crl"])
    assert (found.number, set(found.revoked), found.revoked[serial].reason) == (2, {serial}, 2)
    with pytest.raises(CeremonyMaterialError):
        hold(plan, people, **(brought | {"previous_list": first.files["root.crl"]}))
    later = hold(LIST_PLAN, people, **(brought | {"previous_list": first.files["root.crl"]}))
    kept = parse_crl(later.files["root.crl"])
    assert (kept.number, kept.revoked) == (3, found.revoked)


def test_a_list_of_another_root_cannot_be_carried_on(root_ceremony, people):
    other = hold(ROOT_PLAN)
    with pytest.raises(InvalidSignatureError):
        hold(
            LIST_PLAN,
            people,
            root_keystore=root_ceremony.files["root.sealed"],
            previous_list=other.files["root.crl"],
        )


@pytest.mark.parametrize("step", ["opened", "clock", "certificate", "sealing", "closed"])
def test_whoever_does_not_agree_ends_the_ceremony(step):
    with pytest.raises(CeremonyAbortedError, match=step):
        hold(ROOT_PLAN, Room(refuses=step))


def test_a_connected_machine_is_refused_unless_it_is_a_rehearsal(people):
    with pytest.raises(ConnectedRoomError, match="eth0"):
        hold(ROOT_PLAN, Room(connected=("eth0",)))
    rehearsed = hold(
        ROOT_PLAN.replace("[subject]", "rehearsal = true\n[subject]"), Room(connected=("eth0",))
    )
    assert rehearsed.root.subject.endswith("CN=示例根 DEV")
    with pytest.raises(CeremonyMaterialError, match="rehearsal"):
        hold(SUB_CA_PLAN + OWN_KEY, people, root_keystore=rehearsed.files["root.sealed"])


def test_too_few_shares_do_not_open_the_root(root_ceremony, people):
    people.brought = 1
    with pytest.raises(ShareError, match="2 are needed"):
        hold(SUB_CA_PLAN + OWN_KEY, people, root_keystore=root_ceremony.files["root.sealed"])


def test_a_changed_keystore_is_noticed(root_ceremony, people):
    keystore = bytearray(root_ceremony.files["root.sealed"])
    keystore[-12] ^= 1
    with pytest.raises((SealBrokenError, MalformedError)):
        hold(SUB_CA_PLAN + OWN_KEY, people, root_keystore=bytes(keystore))
