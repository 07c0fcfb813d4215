"""A process that issues, revokes, lists, stamps and logs in a loop, killed again and again.

Run as a program: ``killing.py DIRECTORY TIMES SEED``. Each child says on a pipe what it is
about to do and what was committed; the parent kills it at a random moment and goes on with
the next child on the same database. At the end it prints everything that was ever said.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ca import register, revocation
from ca.keystore import FileKeystore
from ca.log import TransparencyLog
from ca.timestamp_serials import TimestampSerials
from sealkit.sm.sm2 import SM2PrivateKey
from yinxin.db import Database

KEYS = Path(__file__).parents[2] / "keys_dev" / "650000"
AT = datetime(2026, 11, 23, tzinfo=UTC)
LOG = TransparencyLog("killed", "v.example.cn/log/killed")
SUBJECT = {"C": "CN", "O": "示例局", "CN": "被中断的签发"}
MOST_MILLISECONDS = 4.0
"""How long after the last word a child lives at most."""


class Loop:
    """What one child does until it is killed."""

    def __init__(self, url, keystore, say):
        self._database = Database(url)
        self._keystore = keystore
        self._stamps = TimestampSerials(self._database.writing, "tsa")
        self._say = say

    def run(self):
        while True:
            serial = self._issue()
            self._revoke(serial)
            self._number()

    def _issue(self):
        signer = self._keystore.signer("sub_ca")
        issuer = self._keystore.certificate("sub_ca")
        spki = SM2PrivateKey.generate().public_key.spki
        with self._database.writing() as session:
            serial = register.plan(
                session,
                authority_name="sub_ca",
                issuer=issuer,
                purpose="receipt",
                subject=SUBJECT,
                spki=spki,
                not_before=AT,
                not_after=AT + timedelta(days=30),
                at=AT,
            )
        with self._database.writing() as session:
            certificate = register.sign_planned(
                session, authority_name="sub_ca", serial=serial, signer=signer, at=AT
            )
            # Signed, and perhaps seen by somebody: the register must know of it whatever follows.
            self._say("signed", serial, certificate.der.hex())
        self._say("issued", serial, certificate.der.hex())
        return serial

    def _revoke(self, serial):
        with self._database.writing() as session:
            reason = revocation.Reason.SUPERSEDED
            revocation.revoke(session, ca_name="sub_ca", serial=serial, reason=reason, at=AT)
        self._say("revoked", serial)
        with self._database.writing() as session:
            revocation.build_crl(session, "sub_ca", self._keystore.signer("sub_ca"), AT)

    def _number(self):
        self._say("stamping", self._stamps.next(AT))
        with self._database.writing() as session:
            leaf = os.urandom(16)
            index = LOG.append(session, leaf, at=AT)
        self._say("logged", index, leaf.hex())


def live_and_die(url, keystore, rng):
    """Run one child, kill it at a random moment, and return what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)

        def say(*words):
            os.write(writing, (json.dumps(words) + "\n").encode())

        try:
            Loop(url, keystore, say).run()
        finally:
            os._exit(9)
    os.close(writing)
    with os.fdopen(reading) as words:
        heard = [words.readline() for _ in range(rng.randrange(9))]
        end = time.monotonic() + rng.uniform(0, MOST_MILLISECONDS) / 1000
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
    keystore, rng = FileKeystore(KEYS), random.Random(seed)
    keystore.signer("sub_ca").sign(b"warm")
    said = [words for _ in range(times) for words in live_and_die(url, keystore, rng)]
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
