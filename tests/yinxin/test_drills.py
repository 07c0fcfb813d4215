"""The drills of docs/operations.md, performed as they are written there."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journeys.conftest import Region, example, uscc
from yinxin.backup import BackupError, check_backup, make_backup, restore
from yinxin.context import open_context
from yinxin.demonstration.setting_up import SECRET, set_up
from yinxin.serving import free_port, running
from yinxin.settings import Settings

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"


def commands(drill):
    """Return the lines of a drill as the page has them."""
    pattern = rf"^```sh drill={drill}\n(.*?)^```$"
    (block,) = re.findall(pattern, OPERATIONS.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return block.splitlines()


def perform(drill, **environment):
    """Run each line in a shell where `yinxin` is this checkout's; return what each printed."""
    yinxin = f'yinxin() {{ "{sys.executable}" -m yinxin.cli "$@"; }}\n'
    told = {}
    for line in commands(drill):
        done = subprocess.run(
            ["bash", "-c", f"set -eu\n{yinxin}{line}"],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            capture_output=True,
            check=False,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        told[line] = done.stdout
    return told


class Place:
    """A region on one machine, which may burn down."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = Settings(data_directory=folder, port=free_port(), demonstration=True)
        self.numbers = iter(range(9000, 9999))

    @property
    def environment(self):
        """The settings, as whoever sits at the machine has them."""
        return {
            "YINXIN_DATA_DIRECTORY": str(self.folder),
            "YINXIN_PORT": str(self.settings.port),
        }

    def company(self):
        application = copy.deepcopy(example("business_licence"))
        code = uscc(next(self.numbers))
        name = f"演练{code[-5:]}有限公司"
        application["holders"] = [{"name": name, "code": code, "code_type": "001"}]
        application["fields"] |= {"uscc": code, "org_name": name}
        return application


def mint(place, region):
    licence = region.mint(place.company())
    return licence, region.file(licence)


def codes(report):
    return {finding["code"] for finding in report["findings"]}


def test_a_stolen_seal_key_what_was_sealed_before_stays_what_came_after_falls(tmp_path):
    place = Place(tmp_path / "var")
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    context = open_context(place.settings)
    set_up(context)
    with running(context) as address:
        region = Region(context, address, {})
        _licence, before = mint(place, region)
        minted = lost_since = datetime.now(UTC).replace(microsecond=0)
        while lost_since <= minted:
            region.verify(before)  # a list carries whole seconds: until the next one has begun
            lost_since = datetime.now(UTC).replace(microsecond=0)
        _licence, after = mint(place, region)
        assert region.verify(after)["verdict"] == "valid"
        certificate = context.keystore.certificate("seal_signer_market")
        told = perform(
            "compromise",
            CERTIFICATE=f"sub_ca/{certificate.serial:x}",
            LOST_SINCE=lost_since.isoformat().replace("+00:00", "Z"),
            YINXIN_SERVER=address,
            YINXIN_ACCOUNT="ca-operator",
            YINXIN_SECRET_FILE=str(secret),
            **place.environment,
        )
        assert "revoked" in told[next(line for line in told if "ca show" in line)]
        context.refresh_trust()
        assert region.verify(before)["verdict"] == "valid"
        fallen = region.verify(after)
        assert fallen["verdict"] == "invalid"
        assert "signer.certificate.revoked" in codes(fallen), codes(fallen)
        application = region.apply(place.company())
        region.client("market-reviewer").post(f"{application}/review", {"decision": "approve"})
        refused = region.ask("market-clerk", "POST", f"{application}/mint")
        assert refused.status >= 400
    context.close()


def test_the_machine_burns_down_and_nothing_of_the_backup_is_lost(tmp_path):
    place = Place(tmp_path / "var")
    context = open_context(place.settings)
    set_up(context)
    environment = place.environment | {"BACKUP": str(tmp_path / "backup")}
    with running(context) as address:
        region = Region(context, address, {})
        licence, document = mint(place, region)
        perform("before-the-disaster", **environment)
    context.close()
    keys = {name: (place.folder / name).read_bytes() for name in ("vault.key", "escrow.key")}
    for name in keys:
        assert not (tmp_path / "backup" / name).exists()
    shutil.rmtree(place.folder)
    place.folder.mkdir()
    for name, content in keys.items():
        (place.folder / name).write_bytes(content)
    perform("disaster", **environment)
    context = open_context(place.settings)
    with running(context) as address:
        region = Region(context, address, {})
        assert region.verify(document)["verdict"] == "valid"
        assert region.file(licence) == document
        other, file = mint(place, region)
        assert other["id"] != licence["id"]
        assert region.verify(file)["verdict"] == "valid"
        told = json.loads((place.folder / "trust_list" / "state.json").read_bytes())
        assert told["version"] > 100_000
    context.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A small region's backup."""
    folder = tmp_path_factory.mktemp("kept")
    settings = Settings(data_directory=folder / "var", port=free_port())
    open_context(settings).close()
    made = make_backup(settings, folder / "backup", at=datetime.now(UTC))
    assert made.files > 3
    return folder


@pytest.mark.parametrize("name", ["yinxin.db", "trust_list/state.json"])
def test_a_changed_file_of_a_backup_is_named(kept, tmp_path, name):
    shutil.copytree(kept / "backup", tmp_path / "backup")
    with (tmp_path / "backup" / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(BackupError, match=name):
        check_backup(tmp_path / "backup")


def test_a_missing_or_added_file_of_a_backup_is_named(kept, tmp_path):
    shutil.copytree(kept / "backup", tmp_path / "backup")
    (tmp_path / "backup" / "more").write_bytes(b"x")
    with pytest.raises(BackupError, match="more"):
        check_backup(tmp_path / "backup")
    (tmp_path / "backup" / "more").unlink()
    (tmp_path / "backup" / "yinxin.db").unlink()
    with pytest.raises(BackupError, match="missing"):
        check_backup(tmp_path / "backup")


def test_a_backup_is_put_back_only_where_nothing_lies_and_into_its_own_region(kept, tmp_path):
    settings = Settings(data_directory=kept / "var")
    with pytest.raises(BackupError, match="not empty"):
        restore(kept / "backup", settings)
    other = Settings(data_directory=tmp_path / "var", region="440000")
    with pytest.raises(BackupError, match="650000"):
        restore(kept / "backup", other)
    assert not (tmp_path / "var").exists()


def test_a_manifest_cannot_lead_out_of_the_data_directory(kept, tmp_path):
    shutil.copytree(kept / "backup", tmp_path / "backup")
    manifest = json.loads((tmp_path / "backup" / "backup.json").read_text())
    manifest["files"]["../outside"] = {"bytes": 1, "sm3": "00" * 32}
    (tmp_path / "backup" / "backup.json").write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match="no backup"):
        restore(tmp_path / "backup", Settings(data_directory=tmp_path / "var"))


def test_no_key_is_in_a_backup_wherever_the_settings_place_it(tmp_path):
    data, secret = tmp_path / "var", b"a key that nobody may find in a backup"
    plain = Settings(data_directory=data, port=free_port())
    open_context(plain).close()
    (data / "private").mkdir()
    places = {
        "keystore_file": data / "private" / "region.sealed",
        "keystore_opening_file": data / "shares.txt",
        "escrow_key_file": data / "kept.key",
        "vault_key_file": data / "people.key",
        "keys_directory": data / "keys",
    }
    for place in places.values():
        file = place / "650000" / "root.key.pem" if place.name == "keys" else place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(secret)
    settings = Settings(data_directory=data, port=plain.port, **places)
    make_backup(settings, tmp_path / "backup", at=datetime.now(UTC))
    copied = [file for file in (tmp_path / "backup").rglob("*") if file.is_file()]
    assert len(copied) > 3
    assert not [file for file in copied if secret in file.read_bytes()]


def test_a_backup_is_not_written_over(kept):
    with pytest.raises(BackupError, match="exists"):
        make_backup(Settings(data_directory=kept / "var"), kept / "backup", at=datetime.now(UTC))
