"""Settings: the public address, peers, and nothing changed afterwards."""

import pytest
from pydantic import ValidationError

from yinxin.settings import Settings, SettingsError, require_production_ready


def test_the_public_address_follows_host_and_port_unless_given():
    assert Settings(host="127.0.0.2", port=81).public_url == "http://127.0.0.2:81"
    assert Settings(public_url="https://a.example/").public_url == "https://a.example"
    with pytest.raises(ValidationError):
        Settings().public_url = "https://b.example"


def test_a_peers_address_loses_its_slash():
    assert Settings(peers={"440000": "http://b/"}).peers == {"440000": "http://b"}


@pytest.mark.parametrize(
    "peers",
    [
        {"650000": "https://b.example"},
        {"44": "https://b.example"},
        {"../..": "https://b.example"},
        {"440000": "file:///etc"},
        {"440000": "https://user@b.example"},
        {"440000": "https://b.example/?x="},
        {"440000": "https://"},
    ],
)
def test_a_peer_is_another_region_at_an_http_address(peers):
    with pytest.raises(ValidationError):
        Settings(region="650000", peers=peers)


@pytest.mark.parametrize(
    ("left", "named"),
    [
        ({"peers": {"440000": "http://b.example"}}, "YINXIN_PEERS"),
        ({"keystore": "files"}, "YINXIN_KEYSTORE"),
    ],
)
def test_production_names_what_must_change(tmp_path, left, named):
    ready = {
        "environment": "production",
        "vault_key_file": tmp_path / "vault.key",
        "time_servers": ("time.example",),
        "keystore": "unix:/run/yinxin/signer",
        "public_url": "https://licences.example",
    }
    require_production_ready(Settings(**ready))
    with pytest.raises(SettingsError, match=named):
        require_production_ready(Settings(**(ready | left)))


@pytest.mark.parametrize("keystore", ["", "file", "unix:", "unix:" + "x" * 101, "tcp:localhost:1"])
def test_a_keystore_is_one_of_those_there_are(keystore):
    with pytest.raises(ValidationError):
        Settings(keystore=keystore)
