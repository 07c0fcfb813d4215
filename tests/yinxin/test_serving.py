"""Serving: many who write at once, and several worker processes."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.load import minted, question, wait_for
from yinxin.context import open_context
from yinxin.demonstration.client import Client
from yinxin.demonstration.setting_up import SECRET, set_up
from yinxin.serving import free_port, running
from yinxin.settings import Settings

AT_ONCE = 64
QUESTION = {
    "item": "company_address_change",
    "holder": {"name": "无照有限公司", "code": "91650100MA7DEMQ2XX", "code_type": "001"},
    "operator": "陈静",
    "signed_form": "窗口授权单",
}


@pytest.fixture
def settings(tmp_path):
    return Settings(data_directory=tmp_path, port=free_port(), demonstration=True)


def test_more_who_write_at_once_than_there_are_threads_are_all_answered(settings):
    """Forty threads that wait for one another's transactions would wait for ten seconds."""
    context = open_context(settings)
    set_up(context)
    with running(context) as address, ThreadPoolExecutor(AT_ONCE) as pool:
        officer = Client.sign_in(address, "case-officer", SECRET)
        questions = [QUESTION | {"case_number": f"CASE-{number}"} for number in range(AT_ONCE)]
        answers = list(pool.map(lambda asked: officer.post("/v1/checks", asked).json, questions))
    context.close()
    assert {answer["outcome"] for answer in answers} == {"not_met"}
    assert len({answer["id"] for answer in answers}) == AT_ONCE


def test_more_checks_of_licences_at_once_than_there_are_connections_are_all_answered(settings):
    """Each needs connections besides its own, for what status and log are asked (ADR 0033)."""
    minted(settings)
    context = open_context(settings)
    with running(context) as address, ThreadPoolExecutor(AT_ONCE) as pool:
        officer = Client.sign_in(address, "case-officer", SECRET)
        questions = [question(f"CASE-{number}") for number in range(AT_ONCE)]
        answers = list(pool.map(lambda asked: officer.post("/v1/checks", asked), questions))
    context.close()
    assert [answer.json["outcome"] for answer in answers] == ["met"] * AT_ONCE


def test_two_workers_serve_and_end_when_told_to(settings):
    environment = {
        "YINXIN_DATA_DIRECTORY": str(settings.data_directory),
        "YINXIN_PORT": str(settings.port),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "yinxin.cli", "serve", "--workers", "2"],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{settings.port}"
    try:
        wait_for(f"{address}/v1/items", process)
        report = Client(address).post("/v1/verify", {"text": "CL1:0"}).json
        assert report["verdict"] == "invalid"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
