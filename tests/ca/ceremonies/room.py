"""A room whose people agree, whose clock goes on by a second at each look."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ca.ceremonies.ceremony import Materials
from ca.ceremonies.performing import perform
from ca.ceremonies.plan import parse_plan
from ca.errors import CeremonyAbortedError
from ca.keystores import shares
from sealkit.asn1.x509 import pem_to_certificates

BEGUN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

ROOT_PLAN = """
kind = "root"
region = "650000"
leader = "甲"
witnesses = ["乙", "丙"]
holders = ["丁", "戊", "己"]
threshold = 2
years = 20
[subject]
C = "CN"
O = "示例机构"
CN = "示例根"
"""
SUB_CA_PLAN = """
kind = "sub_ca"
region = "650000"
leader = "甲"
witnesses = ["乙", "丙"]
root_keystore = "root.sealed"
years = 10
list_address = "http://licence.example.cn/crl/root.crl"
"""
OWN_KEY = """
holders = ["丁", "戊", "己"]
threshold = 2
[subject]
C = "CN"
O = "示例机构"
CN = "示例签发"
"""
LIST_PLAN = """
kind = "list"
region = "650000"
leader = "甲"
witnesses = ["乙", "丙"]
root_keystore = "root.sealed"
previous_list = "root.crl"
"""


class Room:
    def __init__(self, *, begun=BEGUN, shares_of=None, refuses=None, connected=()):
        self.time = begun
        self.handed = dict(shares_of or {})
        self.refuses = refuses
        self.connected = connected
        self.steps = []
        self.brought = 2

    def now(self):
        self.time += timedelta(seconds=1)
        return self.time

    def connections(self):
        return tuple(self.connected)

    def confirm(self, step, people, told):
        self.steps.append(step)
        if step == self.refuses:
            raise CeremonyAbortedError(f"{people[0]} does not agree: {step}")

    def tell(self, step, told):
        self.steps.append(step)

    def hand_out(self, key, holder, number, share):
        self.handed.setdefault(key, []).append(share)

    def shares_of(self, key, known):
        return shares.combine(self.handed[key][: self.brought], known)


@dataclass(frozen=True)
class Held:
    """What a ceremony left."""

    files: dict[str, bytes]
    shares: dict[str, list[str]]
    steps: list[str]

    @property
    def root(self):
        return pem_to_certificates(self.files["root.cert.pem"])[0]


def hold(plan, people=None, **materials):
    people = people or Room()
    content = plan.encode()
    files = perform(parse_plan(content), Materials(plan=content, **materials), people)
    return Held(files, people.handed, people.steps)
