"""A process that is killed again and again while it mints, one by one and in batches.

Run as a program: it prepares a region in a directory, lets child after child work there, kills
each with SIGKILL at a random moment after a random commit, and prints what they said was done.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from ca.keystore import FileKeystore
from issuance import mint
from issuance.batches import deciding, receiving
from issuance.batches.rows import Form
from issuance.batches.running import BatchRunner
from issuance.review import Decision
from tests.issuance.world import AT, ROOT, Reliances, World, clerk, example, make_world, reviewer
from yinxin.db import Database, sqlite_url

KIND = "business_licence"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LINES = 3
MOST_COMMITS = 24
MOST_SECONDS = 0.06
"""How long after the last commit that was waited for a child lives at most."""


def company(number):
    """Return the data of an application whose number is nobody else's."""
    head = f"91650100MA{number:07d}"
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(head))
    data = example(KIND)
    return {"fields": data["fields"] | {"uscc": head + ALPHABET[-total % 31]}}


class Work:
    """What one child does until it is killed: what a service does when it starts, then goes on."""

    def __init__(self, world, first, say):
        self._world, self._next, self._say = world, first, say
        self._batches = BatchRunner(world.services, world.writing)

    def run(self):
        with self._world.writing() as session:
            mint.resume_plans(session, self._world.services, at=AT)
        while self._batches.advance(at=AT):
            pass
        while True:
            self._one()
            self._batch()

    def _number(self):
        self._next += 1
        return self._next

    def _one(self):
        number = self._number()
        edition = self._world.mint(KIND, company(number), f"single-{number:08d}")
        self._say("minted", edition.identifier)

    def _batch(self):
        lines = [json.dumps(company(self._number()), ensure_ascii=False) for _ in range(LINES)]
        content = "\n".join(lines).encode()

        async def parts():
            yield content

        async def put(name, part):
            self._world.services.files.put(name, part)

        upload = asyncio.run(receiving.store_upload(parts(), put))
        arguments = {"kind_name": KIND, "form": Form.NDJSON, "actor": clerk(), "at": AT}
        key = f"batch-{self._next:08d}"
        with self._world.writing() as session:
            batch = receiving.receive(
                session, self._world.services, upload, idempotency_key=key, **arguments
            )
        self._say("received", batch.id)
        while self._batches.advance(at=AT):
            pass
        with self._world.writing() as session:
            decision = {"reason": None, "actor": reviewer(), "at": AT}
            services = self._world.services
            deciding.review_batch(session, services, batch.id, Decision.APPROVE, **decision)
        while self._batches.advance(at=AT):
            pass
        self._say("finished", batch.id)


def live_and_die(directory, services, first, rng):
    """Run one child, kill it at a random moment, and return what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)

        def say(*words):
            os.write(writing, (json.dumps(words) + "\n").encode())

        try:
            world = World(Database(url_of(directory)), services, Reliances())
            event.listen(Session, "after_commit", lambda _session: say("committed"))
            say("alive")
            Work(world, first, say).run()
        finally:
            os._exit(9)
    os.close(writing)
    with os.fdopen(reading) as words:
        heard = [words.readline() for _ in range(rng.randrange(1, MOST_COMMITS))]
        time.sleep(rng.uniform(0, MOST_SECONDS))
        os.kill(child, signal.SIGKILL)
        heard += words.readlines()
    _pid, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("the child ended by itself")
    return [json.loads(line) for line in heard if line.endswith("\n")]


def url_of(directory):
    """Return where the database of the region lies."""
    return sqlite_url(directory / "yinxin.db")


def main():
    directory, times, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    world = make_world(directory, FileKeystore(ROOT / "keys_dev" / "650000"))
    world.mint()  # what is read once is read before anybody is born
    world.database.close()
    said = []
    for child in range(times):
        said += live_and_die(directory, world.services, child * 1000, rng)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
