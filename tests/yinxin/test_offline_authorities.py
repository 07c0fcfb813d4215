"""A region whose root lies offline: it serves, takes the root's lists, and never signs as root."""

import copy
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ca.errors import DevelopmentKeyError, OfflineKeyError
from ca.keystore import FileKeystore, Purpose
from ca.repository import newest_list
from sealkit.asn1.crl import Revocation, build_crl
from tests.journeys.conftest import Region, example, uscc
from yinxin.context import open_context
from yinxin.demonstration.setting_up import set_up
from yinxin.keystores import open_keystore
from yinxin.offline_authorities import offline_certificates
from yinxin.serving import free_port, running
from yinxin.settings import Settings, SettingsError

KEYS = Path(__file__).parents[2] / "keys_dev" / "650000"
NOW = datetime.now(UTC).replace(microsecond=0)


def root_list(number, revoked=None, *, at=NOW):
    """A list as the root signs it at a ceremony."""
    return build_crl(
        signer=FileKeystore(KEYS).signer("root", Purpose.CRL),
        number=number,
        this_update=at,
        next_update=at + timedelta(days=400),
        revoked=revoked or {},
    )


@pytest.fixture
def ceremony(tmp_path):
    """What ceremonies left: certificate and list of the root."""
    folder = tmp_path / "offline"
    folder.mkdir()
    shutil.copy(KEYS / "root.cert.pem", folder)
    (folder / "root.crl").write_bytes(root_list(5))
    return folder


@pytest.fixture
def keys(tmp_path):
    """The region's keys, the root's not among them."""
    folder = tmp_path / "keys" / "650000"
    shutil.copytree(KEYS, folder)
    for file in folder.glob("root.*"):
        file.unlink()
    return folder.parent


@pytest.fixture
def settings(tmp_path, ceremony, keys):
    return Settings(
        data_directory=tmp_path / "var",
        port=free_port(),
        demonstration=True,
        keys_directory=keys,
        offline_authorities=ceremony,
    )


def number_of_root_list(context):
    with context.database.reading() as session:
        return newest_list(session, authority="root").number


def test_a_region_serves_without_the_root_s_key_and_takes_up_its_lists(settings, ceremony):
    context = open_context(settings)
    set_up(context)
    sub_ca = context.keystore.certificate("sub_ca")
    with pytest.raises(OfflineKeyError):
        context.keystore.signer("root", Purpose.CRL)
    assert number_of_root_list(context) == 5
    with running(context) as address:
        region = Region(context, address, {})
        application = copy.deepcopy(example("business_licence"))
        code = uscc(8801)
        application["holders"] = [{"name": "离线有限公司", "code": code, "code_type": "001"}]
        application["fields"] |= {"uscc": code, "org_name": "离线有限公司"}
        document = region.file(region.mint(application))
        assert region.verify(document)["verdict"] == "valid"
        for content in (root_list(4), root_list(6, at=NOW - timedelta(days=1)), b"x"):
            (ceremony / "root.crl").write_bytes(content)
            context.revocation.renew_lists(at=context.now())
            assert number_of_root_list(context) == 5
        lost = {sub_ca.serial: Revocation(NOW, 2, NOW - timedelta(days=1))}
        (ceremony / "root.crl").write_bytes(root_list(6, lost))
        assert context.revocation.renew_lists(at=context.now())
        context.refresh_trust()
        assert number_of_root_list(context) == 6
        report = region.verify(document)
        assert report["verdict"] == "invalid"
    context.close()


def test_without_the_root_s_list_none_is_made_up(settings, ceremony):
    (ceremony / "root.crl").unlink()
    context = open_context(settings)
    with context.database.reading() as session:
        assert newest_list(session, authority="root") is None
    (trust,) = context.trust.store().regions
    assert len(trust.crls) == 2
    context.close()


def test_a_rehearsal_s_root_is_refused_in_production(ceremony):
    with pytest.raises(DevelopmentKeyError):
        offline_certificates(ceremony, production=True)


def test_a_directory_that_holds_no_certificate_is_a_mistake_in_the_settings(tmp_path, ceremony):
    with pytest.raises(SettingsError, match="no certificate"):
        offline_certificates(tmp_path / "nowhere", production=False)
    (ceremony / "root.cert.pem").write_bytes(b"x")
    with pytest.raises(SettingsError, match="OFFLINE_AUTHORITIES"):
        offline_certificates(ceremony, production=False)


def test_the_root_s_key_is_not_among_the_names_of_keys(settings):
    keystore = open_keystore(settings)
    assert "root" not in keystore.names()
    assert keystore.certificate("root").is_self_issued
