"""Certificates and timestamps, beside what the raw signing rate allows.

A signature is verified before it leaves the keystore, so the ceiling is one raw signature and
one raw verification. A certificate's signature is verified once more with the authority's
key, which the ceiling counts too.
"""

import itertools
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.arithmetic import raw_rates
from benchmarks.timing import Rate, console, measure, show
from ca import authority, register, tables
from ca.keystore import FileKeystore
from ca.profiles import PROFILES
from ca.timestamp import DEVELOPMENT_POLICY, TimestampAuthority
from ca.timestamp_serials import TimestampSerials
from sealkit.asn1 import tsp
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PrivateKey
from yinxin.db import Database, sqlite_url

KEYS = Path(__file__).parents[1] / "keys_dev" / "650000"
AT = datetime(2026, 11, 23, tzinfo=UTC)
SUBJECT = {"C": "CN", "O": "示例局", "CN": "测量"}
AT_ONCE = 50


def run() -> None:
    """Print both tables."""
    sign, verify = raw_rates()
    both = Rate("raw sign and verify", 1 / (1 / sign.per_second + 1 / verify.per_second))
    twice = Rate("raw sign and two verifies", 1 / (1 / sign.per_second + 2 / verify.per_second))
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder) / "ca.db"))
        with database.writing() as session:
            tables.metadata.create_all(session.connection())
        show("Certificates", [twice, *_certificate_rates(database)], against=twice)
        show("Timestamps", [both, *_timestamp_rates(database)], against=both)
        database.close()
    console.print(f"SM2 alone: {sign.per_second:,.0f} signs, {verify.per_second:,.0f} verifies")


def _certificate_rates(database: Database) -> list[Rate]:
    keystore = FileKeystore(KEYS)
    signer, issuer = keystore.signer("sub_ca"), keystore.certificate("sub_ca")
    spki = SM2PrivateKey.generate().public_key.spki
    validity = {"not_before": AT, "not_after": AT + timedelta(days=365)}

    def prepared() -> authority.PreparedCertificate:
        return authority.prepare(
            PROFILES["receipt"],
            subject=SUBJECT,
            spki=spki,
            issuer=issuer,
            serial=authority.new_serial(),
            **validity,
        )

    keys = [SM2PrivateKey.generate().public_key.spki for _ in range(AT_ONCE)]

    def registered() -> None:
        orders = [register.CertificateOrder("receipt", SUBJECT, key, **validity) for key in keys]
        name = {"authority_name": "sub_ca", "at": AT}
        with database.writing() as session:
            planned = register.plan_all(session, orders, issuer=issuer, **name)
        with database.writing() as session:
            register.sign_all_planned(session, serials=planned, signer=signer, **name)

    chunk = measure("", registered)
    return [
        measure("prepare and lint", prepared),
        measure("prepare, lint and issue", lambda: authority.issue(prepared(), signer)),
        Rate(f"the same, registered, {AT_ONCE} at a time", chunk.per_second * AT_ONCE),
    ]


def _timestamp_rates(database: Database) -> list[Rate]:
    signer = FileKeystore(KEYS).signer("timestamp")
    query = tsp.build_request(sm3.digest(b"message"), nonce=7)
    numbers = iter(range(1, 1 << 62))

    def service(count: Callable[[datetime], int]) -> TimestampAuthority:
        return TimestampAuthority(signer, DEVELOPMENT_POLICY, lambda: True, count)

    in_memory = service(lambda _at: next(numbers))

    durable = service(TimestampSerials(database.writing, "tsa").next)
    clock = itertools.count(1)

    def now() -> datetime:
        """A stamp each millisecond, as fast as it gets: time is set aside as in life."""
        return AT + next(clock) * timedelta(milliseconds=1)

    return [
        measure("an answer to a request", lambda: in_memory.answer(query, at=AT)),
        measure("with durable serials", lambda: durable.answer(query, at=now())),
    ]
