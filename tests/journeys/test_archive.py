"""Archive packages: exported over HTTP and from the command line, verified without a service."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ca.keystore import Purpose
from sealkit.asn1.crl import Revocation, build_crl
from sealkit.formats import archive
from sealkit.formats.ofd.container import read_package, write_package
from verification.trust import RegionTrust, TrustStore
from verification.verify import verify
from yinxin.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def packages(regions):
    """Packages of two licences, and when they were made."""
    home = regions[0]
    from tests.journeys.conftest import example, uscc

    made = []
    for number in (7701, 7702):
        application = example("business_licence")
        code = uscc(number)
        name = f"归档试验{number}有限公司"
        application["holders"] = [{"name": name, "code": code, "code_type": "001"}]
        application["fields"] |= {"uscc": code, "org_name": name}
        licence = home.mint(application)
        answer = home.client("market-clerk").get(f"/v1/licences/{licence['id']}/archive")
        assert answer.status == 200
        made.append(answer.content)
    return made


@pytest.fixture
def known(home):
    """What an archivist keeps of the region: its anchors and who may do what, no lists."""
    own = home.context.trust.store().region(home.context.region.code)
    return replace(own, crls=(), status_tokens={}, intermediates=())


@pytest.fixture
def judge(home, known):
    """Judge without a service, so many days later."""

    def judged(content, *, days=0, trusted=None):
        trust = TrustStore((trusted or known,))
        at = home.context.now() + timedelta(days=days)
        report = verify(content, trust=trust, status=None, log=None, register=None, at=at)
        return report.verdict.value, {f.code for f in report.findings if f.severity.value != "info"}

    return judged


def changed(content, **entries):
    """The package with files put in, changed, or left out (None); its manifest as it was."""
    found = dict(read_package(content, archive.LIMITS).entries)
    for name, value in entries.items():
        if value is None:
            del found[name]
        else:
            found[name] = value(found.get(name, b"")) if callable(value) else value
    return write_package(found)


def test_a_package_is_valid_without_a_service_now_and_in_ten_years(packages, judge):
    assert judge(packages[0]) == ("valid", set())
    assert judge(packages[0], days=3650) == ("valid", set())


def test_whoever_knows_nothing_of_the_region_cannot_say(packages, judge, regions):
    other = regions[1].context.trust.store().region(regions[1].context.region.code)
    assert judge(packages[0], trusted=other) == ("cannot_say", {"archive.region_unknown"})


def test_who_made_the_package_cannot_make_himself_an_authority(packages, judge, known, home):
    """Roles are the verifier's: a key of the same root names itself, and gains nothing."""
    found = archive.read_archive(packages[0])
    enclosed = RegionTrust.from_files(found.trust_files)
    himself = home.context.keystore.certificate("seal_signer_land").der
    forged = replace(enclosed, receipt_signers=(himself,), seal_makers=(himself,))
    files = {f"trust/{name}": content for name, content in forged.to_files().items()}
    package = rewritten(packages[0], home, signer="seal_signer_land", **files)
    assert judge(package) == ("invalid", {"archive.signature_invalid"})
    other_root = replace(known, anchors=(himself,))
    assert judge(packages[0], trusted=other_root)[0] == "cannot_say"


def test_the_service_itself_verifies_a_package(packages, home):
    report = home.verify(packages[0])
    assert (report["verdict"], report["format"]) == ("valid", "archive")


def flipped(content):
    place = len(content) // 2
    return content[:place] + bytes((content[place] ^ 1,)) + content[place + 1 :]


NAMES = (
    *("licence.ofd", "licence.pdf", "code.txt", "log.proof", "README.txt", "evidence.json"),
    *("trust/root.pem", "trust/chain.pem", "trust/trust.json", "trust/crl.der"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_file_is_found(packages, judge, name):
    verdict, codes = judge(changed(packages[0], **{name: flipped}))
    assert verdict == "invalid"
    assert "archive.file.changed" in codes


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_found(packages, judge, name):
    verdict, codes = judge(changed(packages[0], **{name: None}))
    assert verdict == "invalid"
    assert "archive.file.missing" in codes


def test_an_added_file_is_found(packages, judge):
    assert judge(changed(packages[0], **{"more.txt": b"x"})) == (
        "invalid",
        {"archive.file.unlisted"},
    )


def rewritten(content, home, signer="receipt", stamped=None, **entries):
    """A package whose manifest was made again after its files were changed."""
    found = archive.read_archive(content)
    files = {name: value for name, value in (found.files | entries).items() if value is not None}
    context = home.context
    token = context.issuance.timestamps.token_for
    return archive.build_archive(
        files,
        identifier=found.manifest.identifier,
        at=found.manifest.made_at,
        signer=context.keystore.signer(signer),
        stamp=lambda manifest: token(stamped or manifest, at=context.now()),
    )


def test_a_manifest_made_again_by_another_key_is_refused(packages, judge, home):
    verdict, codes = judge(rewritten(packages[0], home, signer="audit"))
    assert (verdict, codes) == ("invalid", {"archive.signature_invalid"})


def test_a_timestamp_about_something_else_is_refused(packages, judge, home):
    verdict, codes = judge(rewritten(packages[0], home, stamped=b"another manifest"))
    assert (verdict, codes) == ("invalid", {"archive.timestamp.invalid"})


def test_a_signature_of_another_manifest_is_refused(packages, judge):
    other = read_package(packages[1], archive.LIMITS).entries["manifest.jws"]
    verdict, codes = judge(changed(packages[0], **{"manifest.jws": other}))
    assert (verdict, codes) == ("invalid", {"archive.signature_invalid"})


def test_a_package_without_timestamp_is_refused(packages, judge):
    verdict, codes = judge(changed(packages[0], **{"timestamps/0001.tsr": None}))
    assert (verdict, codes) == ("invalid", {"archive.timestamp.absent"})


def test_another_licence_s_file_is_refused_whoever_made_the_package(packages, judge, home):
    other = archive.read_archive(packages[1]).files
    verdict, codes = judge(rewritten(packages[0], home, **{"licence.ofd": other["licence.ofd"]}))
    assert verdict == "invalid"
    assert "archive.other_licence" in codes
    verdict, codes = judge(rewritten(packages[0], home, **{"licence.pdf": other["licence.pdf"]}))
    assert (verdict, codes) == ("invalid", {"archive.companion"})
    verdict, codes = judge(rewritten(packages[0], home, **{"log.proof": other["log.proof"]}))
    assert verdict == "invalid"


def test_a_package_without_its_licence_or_lists_is_not_valid(packages, judge, home):
    assert judge(rewritten(packages[0], home, **{"licence.ofd": None}))[0] == "invalid"
    found = archive.read_archive(packages[0]).files
    status = next(name for name in found if name.endswith(".cwt"))
    assert judge(rewritten(packages[0], home, **{status: None}))[0] == "invalid"
    assert judge(rewritten(packages[0], home, **{"trust/crl.der": None}))[0] == "cannot_say"


def test_an_old_list_does_not_prove_the_present(packages, judge, home):
    """Lists that ended before the package was stamped cannot tell of that time."""
    found = archive.read_archive(packages[0])
    context = home.context
    late = archive.build_archive(
        found.files,
        identifier=found.manifest.identifier,
        at=context.now() + timedelta(days=60),
        signer=context.keystore.signer("receipt"),
        stamp=lambda manifest: context.issuance.timestamps.token_for(
            manifest, at=context.now() + timedelta(days=60)
        ),
    )
    verdict, _codes = judge(late, days=61)
    assert verdict == "cannot_say"


def test_a_package_stamped_again_holds_longer_than_its_first_stamp(packages, judge, home):
    ends = home.context.keystore.certificate("timestamp").not_after
    beyond = (ends - home.context.now()).days + 2
    assert judge(packages[0], days=beyond) == ("cannot_say", {"archive.timestamp.ended"})
    context = home.context
    renewed = archive.renew_archive(
        packages[0],
        lambda content: context.issuance.timestamps.token_for(content, at=context.now()),
        context.trust.store().regions[0].crls,
    )
    assert judge(renewed) == ("valid", set())
    stamps = archive.read_archive(renewed).timestamps
    swapped = {"timestamps/0001.tsr": stamps[1], "timestamps/0002.tsr": stamps[0]}
    verdict, codes = judge(changed(renewed, **swapped))
    assert (verdict, codes) == ("invalid", {"archive.timestamp.invalid"})


def test_a_suspended_licence_s_package_is_genuine_and_says_the_state_once(packages, judge, home):
    identifier = archive.read_archive(packages[1]).manifest.identifier
    basis = {"legal_basis": "《中华人民共和国行政许可法》第六十九条"}
    home.client("market-reviewer").post(f"/v1/licences/{identifier}/suspend", basis)
    package = home.client("market-clerk").get(f"/v1/licences/{identifier}/archive").content
    assert judge(package) == ("invalid", {"status.suspended"})
    home.client("market-reviewer").post(f"/v1/licences/{identifier}/resume", basis)
    assert judge(packages[1]) == ("valid", set())


def test_whoever_can_ask_for_the_state_of_now_is_told_it(packages, judge, home):
    identifier = archive.read_archive(packages[1]).manifest.identifier
    basis = {"legal_basis": "《中华人民共和国行政许可法》第六十九条"}
    home.client("market-reviewer").post(f"/v1/licences/{identifier}/suspend", basis)
    report = home.verify(packages[1])
    assert report["verdict"] == "invalid"
    assert "status.suspended" in {finding["code"] for finding in report["findings"]}
    assert judge(packages[1]) == ("valid", set())  # as of then, and it says so
    home.client("market-reviewer").post(f"/v1/licences/{identifier}/resume", basis)
    assert home.verify(packages[1])["verdict"] == "valid"


@pytest.mark.parametrize("name", ["seal_signer_market", "timestamp", "receipt"])
def test_a_key_that_turns_out_to_have_been_stolen_before_proves_nothing(
    packages, judge, known, home, name
):
    """The enclosed lists did not know; a later one of the verifier's does."""
    keystore, now = home.context.keystore, home.context.now()
    stolen = Revocation(now, 1, now - timedelta(days=2))
    later = build_crl(
        signer=keystore.signer("sub_ca", Purpose.CRL),
        number=10_000,
        this_update=now,
        next_update=now + timedelta(days=7),
        revoked={keystore.certificate(name).serial: stolen},
    )
    verdict, _codes = judge(packages[0], trusted=replace(known, crls=(later,)))
    # Nothing says that a stolen receipt key signed this package; nothing says it did not.
    assert verdict == ("cannot_say" if name == "receipt" else "invalid")


def test_only_the_issuing_department_s_people_export(home, packages):
    identifier = archive.read_archive(packages[0]).manifest.identifier
    path = f"/v1/licences/{identifier}/archive"
    assert home.ask("land-clerk", "GET", path).status == 404
    assert home.ask("", "GET", path).status == 401


def test_that_a_package_was_made_is_on_record_and_its_evidence_names_each_step(packages):
    evidence = json.loads(archive.read_archive(packages[0]).files["evidence.json"])
    acts = [entry["act"] for entry in evidence["audit_records"]]
    assert acts[0] == "application.submit"
    assert "application.approve" in acts
    assert "licence.plan" in acts


@pytest.fixture
def kept(known, tmp_path):
    """The archivist's trust directory."""
    folder = tmp_path / "trust"
    folder.mkdir()
    for name, content in known.to_files().items():
        (folder / name).write_bytes(content)
    return folder


def test_it_verifies_in_a_process_that_has_nothing_else(packages, kept, tmp_path):
    (tmp_path / "a.zip").write_bytes(packages[0])
    done = subprocess.run(
        [sys.executable, "-m", "yinxin.cli", "archive", "verify", "a.zip", "--trust", "trust"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.zip", "trust"]
    tested = subprocess.run(
        [sys.executable, "-m", "zipfile", "-t", "a.zip"], cwd=tmp_path, check=False
    )
    assert tested.returncode == 0


def test_packages_of_all_editions_are_exported_and_the_work_goes_on(
    home, packages, kept, tmp_path, monkeypatch
):
    settings = home.context.settings
    monkeypatch.setenv("YINXIN_DATA_DIRECTORY", str(settings.data_directory))
    monkeypatch.setenv("YINXIN_PORT", str(settings.port))
    since = archive.read_archive(packages[0]).manifest.made_at.isoformat()

    def run(*arguments):
        return CliRunner().invoke(main, ["archive", *map(str, arguments)])

    done = run("export", "--since", since, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    files = sorted(tmp_path.glob("*.zip"))
    again = run("export", "--since", since, "--out", tmp_path)
    assert f"{len(files)} were there" in again.output
    assert run("export", "--out", tmp_path).exit_code == 64
    assert run("export", "1.2.156.nothing", "--out", tmp_path).exit_code == 1
    assert run("verify", files[0], "--trust", kept).exit_code == 0
    assert run("renew", files[0], "--out", tmp_path / "again.zip").exit_code == 0
    assert run("verify", tmp_path / "again.zip", "--trust", kept, "--json").exit_code == 0
    assert run("verify", tmp_path / "absent.zip", "--trust", kept).exit_code == 64


def test_the_time_of_making_and_of_stamping_are_compared(packages, judge, home):
    found = archive.read_archive(packages[0])
    early = replace(found.manifest, made_at=found.manifest.made_at - timedelta(hours=2))
    context = home.context
    package = archive.build_archive(
        found.files,
        identifier=early.identifier,
        at=early.made_at,
        signer=context.keystore.signer("receipt"),
        stamp=lambda manifest: context.issuance.timestamps.token_for(manifest, at=context.now()),
    )
    assert "archive.timestamp.late" in judge(package)[1]
