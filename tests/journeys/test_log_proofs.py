"""The log proof beside a licence, judged without a service."""

import json

import pytest
from typer.testing import CliRunner

from tests.journeys.conftest import uscc
from yinxin.cli import main


@pytest.fixture
def judged(home, tmp_path):
    """Verify a code offline with a proof beside it; the findings and what was not checked."""
    folder = tmp_path / "trust"
    folder.mkdir()
    for name, content in home.context.trust.store().region("650000").to_files().items():
        (folder / name).write_bytes(content)

    def judge(code, proof):
        (tmp_path / "code.txt").write_bytes(code)
        (tmp_path / "licence.proof").write_bytes(proof)
        beside = ["--proof", str(tmp_path / "licence.proof"), "--trust", str(folder), "--json"]
        done = CliRunner().invoke(main, ["verify", str(tmp_path / "code.txt"), *beside])
        answer = json.loads(done.stdout.splitlines()[-1])
        codes = {finding["code"] for finding in answer["findings"]}
        unchecked = {entry["code"] for entry in answer["unchecked"]}
        return {code for code in codes if code.startswith("log.")}, "log" in unchecked

    return judge


def test_the_proof_of_a_licence_is_believed_and_that_of_another_is_not(home, examples, judged):
    companies = [home.mint(application) for application in two_companies(examples)]
    codes = [home.file(entry, "code.txt") for entry in companies]
    proofs = [home.file(entry, "proof") for entry in companies]
    assert judged(codes[0], proofs[0]) == (set(), False)
    assert judged(codes[0], proofs[1])[0] == {"log.other_licence"}
    assert judged(codes[0], b"no proof")[0] == {"log.proof_malformed"}


def test_one_proof_is_not_of_several_documents(tmp_path):
    command = ["verify", "a.ofd", "b.ofd", "--proof", str(tmp_path / "licence.proof")]
    assert CliRunner().invoke(main, [*command, "--trust", str(tmp_path)]).exit_code == 64


def two_companies(examples):
    for number in (7811, 7812):
        application = examples("business_licence")
        name = f"日志证明{number}有限公司"
        code = uscc(number)
        application["holders"] = [{"name": name, "code": code, "code_type": "001"}]
        application["fields"] |= {"uscc": code, "org_name": name}
        yield application
