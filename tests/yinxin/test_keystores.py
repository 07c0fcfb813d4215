"""The settings name a keystore; what opens it is never on the command line."""

import pytest

from ca.errors import KeystoreError, ShareError, SignerUnavailableError, WrongSecretError
from ca.keystore import FileKeystore
from ca.keystores import sealing, shares
from ca.keystores.sealed import SealedKeystore
from tests.ca.keystores.material import PASSPHRASE, plain_keys
from yinxin.keystores import open_keystore, opening_of
from yinxin.settings import Settings, SettingsError


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    file = tmp_path_factory.mktemp("sealed") / "keys"
    sealed = sealing.seal(plain_keys("log", "audit"), sealing.passphrase_from(PASSPHRASE))
    sealing.write_file(file, sealed)
    return file


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    file = tmp_path_factory.mktemp("shared") / "keys"
    made = shares.split(2, 3)
    sealing.write_file(file, sealing.seal(plain_keys("log"), made.passphrase, shares=made.known))
    return file, made.shares


def test_plain_files_are_what_development_has():
    assert isinstance(open_keystore(Settings()), FileKeystore)


def test_a_sealed_one_is_opened_by_the_file_that_holds_its_passphrase(sealed, tmp_path):
    opening = tmp_path / "passphrase"
    opening.write_text(f"{PASSPHRASE}\n")
    found = open_keystore(
        Settings(keystore="sealed", keystore_file=sealed, keystore_opening_file=opening)
    )
    assert isinstance(found, SealedKeystore)
    assert found.names() == ("audit", "log")


def test_a_sealed_one_is_opened_by_a_file_of_shares(shared, tmp_path):
    file, lines = shared
    opening = tmp_path / "shares"
    opening.write_text(f"{lines[2]}\n\n{lines[0]}\n")
    settings = Settings(keystore="sealed", keystore_file=file, keystore_opening_file=opening)
    assert open_keystore(settings).names() == ("log",)


def test_what_nobody_can_type_is_asked_for_by_name(sealed):
    with pytest.raises(SettingsError, match="YINXIN_KEYSTORE_OPENING_FILE"):
        open_keystore(Settings(keystore="sealed", keystore_file=sealed))


def test_as_many_shares_as_needed_are_asked_for(shared):
    file, lines = shared
    asked = []

    def ask(words):
        asked.append(words)
        return lines[len(asked)]

    with opening_of(file, None, ask=ask) as passphrase:
        assert SealedKeystore(file, passphrase).names() == ("log",)
    assert [words.split()[1] for words in asked] == ["1/2", "2/2"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", WrongSecretError),
        (b"another passphrase\n", WrongSecretError),
        (b"\xff\xfe", KeystoreError),
    ],
)
def test_a_file_with_something_else_does_not_open_it(sealed, tmp_path, content, error):
    opening = tmp_path / "opening"
    opening.write_bytes(content)
    settings = Settings(keystore="sealed", keystore_file=sealed, keystore_opening_file=opening)
    with pytest.raises(error):
        open_keystore(settings)


def test_one_share_is_too_few(shared, tmp_path):
    file, lines = shared
    opening = tmp_path / "shares"
    opening.write_text(lines[0])
    with pytest.raises(ShareError):
        opening_of(file, opening)


def test_a_signer_that_does_not_listen_stops_the_start():
    with pytest.raises(SignerUnavailableError):
        open_keystore(Settings(keystore="unix:/nonexistent/signer"))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "module = 'x'",
        "module = 'x'\ntoken = 't'\npin_file = '/nonexistent'",
        "module = 'x'\ntoken = 't'\npin_file = '/dev/null'\nmore = 1",
        "module = 'x'\ntoken = 't'\npin_file = '/dev/null'\n[sm2]\nmechanism = -1",
        "= 1",
    ],
)
def test_a_wrong_description_of_a_device_is_named(tmp_path, content):
    file = tmp_path / "device.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match="YINXIN_PKCS11_CONFIGURATION"):
        open_keystore(Settings(keystore="pkcs11", pkcs11_configuration=file))


def test_a_device_without_its_library_is_refused(tmp_path):
    file = tmp_path / "device.toml"
    file.write_text(
        "module = '/nonexistent.so'\ntoken = 't'\npin_file = '/dev/null'\n"
        "[sm2]\nmechanism = 0x80000100\n"
    )
    with pytest.raises(KeystoreError):
        open_keystore(Settings(keystore="pkcs11", pkcs11_configuration=file))
