"""A sealed keystore opens with its secret alone, and every change to it is noticed."""

import json
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.errors import (
    CAError,
    KeystoreError,
    SealBrokenError,
    ShareError,
    SpentSecretError,
    WrongSecretError,
)
from ca.keystore import FileKeystore
from ca.keystores import pbes2, sealing, shares
from ca.keystores.sealed import SealedKeystore
from ca.keystores.sealed_file import parse_sealed
from ca.keystores.secret import Secret
from sealkit.asn1.x509 import pem_blocks, pem_to_der, to_pem
from sealkit.errors import MalformedError, SealkitError
from tests.ca.keystores.material import KEYS, PASSPHRASE, plain_keys, secret_of, shows


@pytest.fixture
def copied(sealed_file, tmp_path):
    file = tmp_path / "copy.keys"
    file.write_bytes(sealed_file.read_bytes())
    return file


def passphrase(text=PASSPHRASE):
    return sealing.passphrase_from(text)


def test_no_key_stands_in_the_file(sealed_file):
    content = sealed_file.read_bytes()
    for name in FileKeystore(KEYS).names():
        assert secret_of(name) not in content
        assert not shows(content.decode(), name)
        for block in pem_blocks(content, "ENCRYPTED PRIVATE KEY"):
            assert secret_of(name) not in block


def test_only_the_owner_reads_the_file(sealed_file):
    assert sealed_file.stat().st_mode & 0o777 == 0o600


def test_another_passphrase_does_not_open_it(sealed_file):
    with pytest.raises(WrongSecretError):
        SealedKeystore(sealed_file, passphrase(PASSPHRASE + "!"))


def test_a_passphrase_opens_it_in_either_spelling_of_unicode(tmp_path):
    file = tmp_path / "keys"
    sealing.write_file(file, sealing.seal(plain_keys("log"), passphrase("Ångström Ångström")))
    decomposed = "Ångström Ångström".replace("Å", "A\u030a").replace("ö", "o\u0308")
    assert SealedKeystore(file, passphrase(decomposed)).names() == ("log",)


@pytest.mark.parametrize("text", ["", "short", "十一个汉字的口令是不够", "x" * 1025])
def test_a_passphrase_too_short_or_too_long_is_refused(text):
    with pytest.raises(WrongSecretError):
        passphrase(text)


def test_k_shares_open_it_and_k_minus_one_do_not(shared):
    file, made = shared
    with pytest.raises(ShareError):
        shares.combine(made.shares[:2], made.known)
    known = parse_sealed(file.read_bytes()).header.shares
    assert known == made.known
    assert "root" in SealedKeystore(file, shares.combine(made.shares[2:], known)).names()


@pytest.mark.peer
@pytest.mark.parametrize("how", ["passphrase", "shares"])
def test_openssl_opens_each_key_with_the_passphrase(openssl, sealed_file, shared, how):
    file, secret = sealed_file, PASSPHRASE
    if how == "shares":
        file, made = shared
        with made.passphrase.opened() as octets:
            secret = octets.decode()
    found = parse_sealed(file.read_bytes())
    for entry in (found.entries[0], found.entries[-1]):
        key = openssl.file("key.pem", to_pem(entry.key.to_der(), "ENCRYPTED PRIVATE KEY"))
        word = openssl.file("word", secret.encode())
        public = openssl.run("pkey", "-in", key, "-passin", f"file:{word}", "-pubout")
        assert pem_to_der(public.stdout.encode(), "PUBLIC KEY") == entry.certificate.spki
        done = openssl.run("pkcs8", "-in", key, "-passin", f"file:{word}")
        plain = (KEYS / f"{entry.name}.key.pem").read_bytes()
        assert pem_to_der(done.stdout.encode(), "PRIVATE KEY") == pem_to_der(plain, "PRIVATE KEY")


@pytest.mark.peer
def test_a_key_that_openssl_sealed_is_read(openssl):
    word = openssl.file("word", PASSPHRASE.encode())
    options = ("-v2", "sm4-cbc", "-v2prf", "hmacWithSHA256", "-iter", "600000")
    file = str(KEYS / "log.key.pem")
    done = openssl.run("pkcs8", "-topk8", "-in", file, *options, "-passout", f"file:{word}")
    encrypted = pbes2.parse_encrypted(pem_to_der(done.stdout.encode(), "ENCRYPTED PRIVATE KEY"))
    key = pbes2.derive(passphrase(), encrypted.salt, encrypted.rounds)
    with pbes2.decrypt(encrypted, key).opened() as octets:
        assert octets == pem_to_der((KEYS / "log.key.pem").read_bytes(), "PRIVATE KEY")


def flipped(content, place):
    return content[:place] + bytes((content[place] ^ 1,)) + content[place + 1 :]


def test_one_flipped_bit_anywhere_is_noticed(sealed_file):
    content = sealed_file.read_bytes()
    parse_and_check(content)
    for place in range(0, len(content), 97):
        with pytest.raises(KeystoreError):
            parse_and_check(flipped(content, place))


def parse_and_check(content):
    """Check the seal without paying for the derivation each time where it can be read."""
    found = parse_sealed(content)
    original = found.header
    if (original.seal_salt, original.rounds) not in DERIVED:
        key = pbes2.derive(passphrase(), original.seal_salt, original.rounds, 32)
        DERIVED[original.seal_salt, original.rounds] = key
    key = DERIVED[original.seal_salt, original.rounds]
    if sealing._mac(key, sealing._CHECK)[:8] != original.check:
        raise WrongSecretError
    if sealing._mac(key, found.sealed) != found.seal:
        raise SealBrokenError


DERIVED = {}


def test_the_names_of_two_keys_cannot_be_exchanged(copied):
    content = copied.read_bytes()
    members = json.loads(pem_to_der(content, "YINXIN KEYSTORE"))
    names = members["names"]
    names[0], names[1] = names[1], names[0]
    header = to_pem(json.dumps(members).encode(), "YINXIN KEYSTORE")
    start = content.index(b"-----BEGIN YINXIN KEYSTORE-----")
    end = content.index(b"# audit")
    copied.write_bytes(content[:start] + header + content[end:])
    with pytest.raises(SealBrokenError):
        SealedKeystore(copied, passphrase())


def test_a_certificate_cannot_be_put_in_the_place_of_another(copied):
    content = copied.read_bytes()
    receipt, token = (
        to_pem(FileKeystore(KEYS).certificate(name).der, "CERTIFICATE")
        for name in ("receipt", "token")
    )
    copied.write_bytes(content.replace(receipt, token))
    with pytest.raises(SealBrokenError):
        SealedKeystore(copied, passphrase())


@pytest.mark.parametrize("end", [b"\n", b"x", b"# more\n"])
def test_nothing_may_follow_the_seal(copied, end):
    copied.write_bytes(copied.read_bytes() + end)
    with pytest.raises(SealBrokenError):
        SealedKeystore(copied, passphrase())


def test_sealing_anew_changes_the_secret_and_no_key(copied):
    before = SealedKeystore(copied, passphrase())
    expected = {name: before.certificate(name) for name in before.names()}
    assert sealing.reseal(copied, passphrase(), passphrase("another passphrase")) == 2
    with pytest.raises(WrongSecretError):
        SealedKeystore(copied, passphrase())
    after = SealedKeystore(copied, passphrase("another passphrase"))
    assert {name: after.certificate(name) for name in after.names()} == expected
    after.certificate("log").sm2_key.verify(after.signer("log").sign(b"m"), b"m")


def test_new_shares_make_the_old_ones_useless(copied):
    first, second = shares.split(2, 3), shares.split(3, 4)
    sealing.reseal(copied, passphrase(), first.passphrase, shares=first.known)
    opened = shares.combine(first.shares[:2], first.known)
    assert sealing.reseal(copied, opened, second.passphrase, shares=second.known) == 3
    known = parse_sealed(copied.read_bytes()).header.shares
    with pytest.raises(ShareError, match="another set"):
        shares.combine(first.shares, known)
    assert SealedKeystore(copied, shares.combine(second.shares[:3], known)).names()


def test_sealing_anew_is_at_once_or_not_at_all(copied, monkeypatch):
    before = copied.read_bytes()

    def fails(*_arguments):
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(KeystoreError):
        sealing.reseal(copied, passphrase(), passphrase("another passphrase"))
    assert copied.read_bytes() == before
    assert list(copied.parent.iterdir()) == [copied]


def test_keys_are_wiped_when_the_seal_is_closed_again(sealed_file):
    with sealing.unsealed(sealed_file.read_bytes(), passphrase()) as keys:
        with keys["log"].pkcs8.opened() as octets:
            kept = octets
        assert secret_of("log") in bytes(kept)
    assert kept == bytes(len(kept))


def test_a_closed_keystore_gives_no_signer(sealed_file):
    keystore = SealedKeystore(sealed_file, passphrase())
    keystore.close()
    with pytest.raises(SpentSecretError):
        keystore.signer("log")


def test_a_missing_file_is_refused_in_our_words(tmp_path):
    with pytest.raises(KeystoreError):
        SealedKeystore(tmp_path / "nothing", passphrase())


def test_refusals_hold_neither_passphrase_nor_path(sealed_file):
    with pytest.raises(WrongSecretError) as raised:
        SealedKeystore(sealed_file, passphrase("wrong wrong wrong"))
    assert "wrong wrong" not in str(raised.value)
    assert str(sealed_file.parent) not in str(raised.value)


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_refused(content):
    with pytest.raises(SealBrokenError):
        parse_sealed(content)


@settings(max_examples=200)
@given(st.data())
def test_a_changed_header_is_refused_or_costs_no_more_than_the_limit(sealed_file, data):
    content = sealed_file.read_bytes()
    members = json.loads(pem_to_der(content, "YINXIN KEYSTORE"))
    name = data.draw(st.sampled_from(sorted(members)))
    members[name] = data.draw(
        st.none() | st.integers() | st.text(max_size=40) | st.lists(st.text(max_size=5), max_size=3)
    )
    header = to_pem(json.dumps(members).encode(), "YINXIN KEYSTORE")
    start = content.index(b"-----BEGIN YINXIN KEYSTORE-----")
    try:
        found = parse_sealed(content[:start] + header + content[content.index(b"# audit") :])
    except SealBrokenError:
        return
    assert pbes2.MIN_ROUNDS <= found.header.rounds <= pbes2.MAX_ROUNDS


@given(st.binary(max_size=300))
def test_any_bytes_are_an_encrypted_key_or_malformed(content):
    with pytest.raises(MalformedError):
        pbes2.parse_encrypted(content)


def test_too_few_rounds_are_refused():
    weak = pbes2.EncryptedKey(bytes(16), 10_000, bytes(16), bytes(160)).to_der()
    with pytest.raises(MalformedError):
        pbes2.parse_encrypted(weak)


def test_another_key_does_not_decrypt():
    key = pbes2.derive(Secret(bytearray(b"x" * 16)), bytes(16), pbes2.MIN_ROUNDS)
    plain = plain_keys("log")["log"].pkcs8
    encrypted = pbes2.encrypt(
        plain, key, salt=bytes(16), rounds=pbes2.MIN_ROUNDS, iv=bytes(range(16))
    )
    with plain.opened() as octets, pbes2.decrypt(encrypted, key).opened() as again:
        assert octets == again


@pytest.mark.parametrize("name", ["log", "pdf_signer_ecdsa"])
@pytest.mark.parametrize("place", range(0, 130, 7))
def test_a_damaged_key_is_refused_and_no_traceback_shows_it(tmp_path, name, place):
    pkcs8 = pem_to_der((KEYS / f"{name}.key.pem").read_bytes(), "PRIVATE KEY")
    (tmp_path / f"{name}.key.pem").write_bytes(to_pem(flipped(pkcs8, place), "PRIVATE KEY"))
    (tmp_path / f"{name}.cert.pem").write_bytes((KEYS / f"{name}.cert.pem").read_bytes())
    try:
        signer = FileKeystore(tmp_path).signer(name)
    except (CAError, SealkitError) as error:
        assert not shows("".join(traceback.format_exception(error)), name)
    else:
        # A bit of the public half, which is not what is signed with.
        certificate = FileKeystore(KEYS).certificate(name)
        assert signer.certificate_der == certificate.der
