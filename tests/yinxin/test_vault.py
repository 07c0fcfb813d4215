"""Personal data at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from yinxin.files import EncryptedFileStore, FileNotStoredError
from yinxin.vault import Vault, load_vault, make_development_key

VAULT = Vault(bytes(range(16)))


@given(st.binary(max_size=300), st.text(max_size=40))
def test_a_box_opens_under_its_own_context_only(plaintext, context):
    box = VAULT.seal(plaintext, context)
    assert VAULT.unseal(box, context) == plaintext
    with pytest.raises(MalformedError):
        VAULT.unseal(box, context + "x")


@given(st.integers(min_value=0))
def test_a_box_with_one_changed_byte_is_refused(position):
    box = bytearray(VAULT.seal(b"650102198504123019", "holders.code.1"))
    box[position % len(box)] ^= 1
    with pytest.raises(MalformedError):
        VAULT.unseal(bytes(box), "holders.code.1")


@given(st.binary(max_size=120))
def test_any_bytes_are_a_box_or_malformed(box):
    with pytest.raises(MalformedError):
        VAULT.unseal(box, "row")


def test_the_same_value_never_gives_the_same_box_but_always_the_same_index():
    assert VAULT.seal(b"x", "row") != VAULT.seal(b"x", "row")
    assert VAULT.blind_index("x") == VAULT.blind_index("x") != VAULT.blind_index("y")
    assert Vault(bytes(16)).blind_index("x") != VAULT.blind_index("x")


def test_a_key_file_is_for_its_owner_only_and_opens(tmp_path):
    file = tmp_path / "keys" / "vault.key"
    make_development_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_vault(file).seal(b"", "row")
    with pytest.raises(FileExistsError):
        make_development_key(file)
    file.write_text("not a key")
    with pytest.raises(MalformedError):
        load_vault(file)


def test_a_stored_file_is_unreadable_on_disk_and_whole_when_read(tmp_path):
    store = EncryptedFileStore(tmp_path, VAULT)
    store.put("licence/1/ofd", b"a licence")
    assert store.get("licence/1/ofd") == b"a licence"
    on_disk = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(on_disk) == 1
    assert b"licence" not in on_disk[0].read_bytes()
    on_disk[0].write_bytes(on_disk[0].read_bytes()[:-1])
    with pytest.raises(MalformedError):
        store.get("licence/1/ofd")
    with pytest.raises(FileNotStoredError):
        store.get("licence/2/ofd")
