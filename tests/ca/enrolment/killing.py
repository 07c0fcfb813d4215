"""A process that enrols, approves and issues in a loop, killed again and again.

Run as a program: ``killing.py ADDRESS TIMES SEED``. Each child continues what it finds, as a
service does at its start, and says which certificates it has handed out.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402  # found only by the path above when this is run as a file
from datetime import UTC, datetime

from ca.enrolment import decisions, issuing, submitting
from ca.enrolment.ports import EnrolmentServices
from ca.keystore import FileKeystore, Purpose
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.enrolment.office import FIRST, OPERATOR, asked
from yinxin.audit import AuditChain
from yinxin.db import Database
from yinxin.vault import Vault

AT = datetime(2026, 11, 23, tzinfo=UTC)
MOST_SECONDS = 0.03


def services_of(keystore):
    return EnrolmentServices(
        certificate=keystore.certificate,
        signer=lambda name: keystore.signer(name, Purpose.CERTIFICATE),
        crl_address=lambda name, serial: f"http://ca.example.cn/crl/{name}/{serial % 8}.crl",
        ocsp_address=lambda _name: None,
        policies=(),
        audit=AuditChain(),
        escrow=Vault(bytes(16)),
    )


def live(url, services, say):
    """Continue what there is, then go on with pairs of certificates for ever."""
    database = Database(url)
    with database.writing() as session:
        for entry in issuing.resume(session, services, at=AT):
            say("resumed", entry.key.id, entry.waits_for)
    while True:
        key = SM2PrivateKey.generate()
        with database.writing() as session:
            found = submitting.submit(
                session,
                services,
                asked(key, "dual_signing"),
                idempotency_key=os.urandom(8).hex(),
                person=OPERATOR,
                at=AT,
            )
        say("submitted", found.key.id, key.scalar.hex())
        with database.writing() as session:
            decisions.approve(session, services, found.key, person=FIRST, at=AT)
        say("approved", found.key.id)
        with database.writing() as session:
            issuing.finish(session, services, found.key, at=AT)
            der = issuing.certificate_of(session, found.key, person=OPERATOR)
        say("issued", found.key.id, der.hex())


def live_and_die(url, services, rng):
    """Run one child, kill it at a random moment, and return what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)

        def say(*words):
            os.write(writing, (json.dumps(words) + "\n").encode())

        try:
            live(url, services, say)
        finally:
            os._exit(9)
    os.close(writing)
    with os.fdopen(reading) as words:
        heard = [words.readline() for _ in range(rng.randrange(6))]
        end = time.monotonic() + rng.uniform(0, MOST_SECONDS)
        while time.monotonic() < end:
            pass
        os.kill(child, signal.SIGKILL)
        heard += words.readlines()
    _pid, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("the child ended by itself")
    return [json.loads(line) for line in heard if line.endswith("\n")]


def main():
    url, times, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    services, rng = services_of(FileKeystore(ROOT / "keys_dev" / "650000")), random.Random(seed)
    services.signer("sub_ca").sign(b"warm")
    said = [words for _ in range(times) for words in live_and_die(url, services, rng)]
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
