"""Licences of every kind in the hands of a family and a company, sealed as real ones are.

`Life` is the conformance world whose authority may issue every kind of the data sheet;
`ElsewhereLicences` keeps what it sealed, as a register of another system would.
"""

import json
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import count
from pathlib import Path

from sealkit.identifiers import LicenceIdentifier
from sealkit.record import LONG_TERM, Holder, LicenceRecord, RecordField, StatusSlot
from tests.conformance.ofd_builder import sealed, unsealed
from tests.conformance.world import MARKET, STATUS_URI, MemoryRegister, World
from verification.errors import SourceUnavailableError
from verification.ports import HeldDocument

TYPES = Path(__file__).parents[2] / "vectors" / "licence_types" / "licence_types.json"

IDENTITY = "11100000000013127D001"
HOUSEHOLD = "11100000000013127D904"
BIRTH = "11100000PRJ0000210901"
VACCINATION = "11100000PRJ0000210902"
REAL_ESTATE = "11100000MB03271699001"
RESIDENCE = "11100000000013127D906"
MARRIAGE = "11100000PRJ0000135901"
BUSINESS = "11100000MB0143028R001"
FOOD = "11100000MB0143028R902"
DRIVING = "11100000000013127D902"
VEHICLE = "11100000000013127D903"
TRANSPORT_WORKER = "11100000000019713D071"
SOCIAL_SECURITY = "11100000717823004M901"

MOTHER = Holder("古丽娜尔·艾合买提", "650103199709234026", "111")
FATHER = Holder("张明远", "650102199504123019", "111")
NEWBORN = Holder("张小雨", "X650000123", "999")
CHILD = Holder("张小云", "650102202005014013", "111")
WORKER = Holder("李建国", "650102196601014018", "111")
COMPANY = Holder("天山示例货运有限公司", "91650100MA7TE0001X", "001")


@cache
def kind_fields():
    """Code of a kind → its fields and their types, as the data sheet has them."""
    types = json.loads(TYPES.read_text("utf-8"))["types"]
    return {t["code"]: {f["name"]: f["type"] for f in t["fields"]} for t in types}


@cache
def _kinds():
    return {t["code"]: t for t in json.loads(TYPES.read_text("utf-8"))["types"]}


class Life(World):
    """A world whose one authority may issue everything."""

    def __init__(self, region="650000"):
        super().__init__(region)
        self._numbers = count(100)
        self._sealed = {}

    @cached_property
    def authority(self):
        return replace(World.authority.func(self), kind_codes=tuple(_kinds()))

    def licence(self, code, *holders, number="L-1", until="2036-11-01", **fields):
        """Return the record of a licence; fields are labelled as the data sheet has them."""
        kind, slot = _kinds()[code], next(self._numbers)
        labels = {f["name"]: (f["label_zh"], f["short"]) for f in kind["fields"]}
        return LicenceRecord(
            identifier=str(LicenceIdentifier(code, MARKET, f"A1B2C3D4E5F6G7H{slot:05d}", 1)),
            kind=f"kind_{code[-3:].lower()}",
            kind_code=code,
            kind_name=kind["name_zh"],
            number=number,
            edition=1,
            region=self.region,
            issuer_code=MARKET,
            issuer_name="示例市市场监督管理局",
            issued_on="2026-11-02",
            valid_from="2026-11-02",
            valid_until=until,
            holders=holders,
            fields=tuple(RecordField(n, *labels[n], value) for n, value in fields.items()),
            status=StatusSlot(STATUS_URI, slot),
        )

    def identity(self, person, sex, born):
        """Return the record of an identity card."""
        return self.licence(IDENTITY, person, name=person.name, sex=sex, birth_date=born)

    def household(self, person, born="1990-01-01"):
        """Return the record of a page of the household register."""
        fields = {"household_no": "650102001", "name": person.name, "birth_date": born}
        return self.licence(HOUSEHOLD, person, until=LONG_TERM, **fields)

    def home(self, *owners, area="房屋建筑面积：118.62㎡", use="城镇住宅用地/住宅"):
        """Return the record of a real-estate certificate."""
        place = "新疆乌鲁木齐市示例路1号"
        fields = {"location": place, "unit_no": "650102001", "use": use, "area": area}
        return self.licence(REAL_ESTATE, *owners, until=LONG_TERM, **fields)

    def sealed(self, record):
        """Return the record as a document that a register keeps."""
        if record not in self._sealed:
            held = HeldDocument(record.identifier, sealed(self, unsealed(record)))
            self._sealed[record] = held
        return self._sealed[record]


@cache
def life():
    """Return the one world of life: its licences are sealed once."""
    return Life()


class ElsewhereLicences:
    """Sealed licences by kind and holder. None instead of records: the register is down."""

    def __init__(self, world, records):
        self.world = world
        self.records = records

    def codes(self, kind_code):
        return frozenset((kind_code,))

    def held(self, session, *, kind_code, holder):
        if self.records is None:
            raise SourceUnavailableError("down")
        return tuple(
            self.world.sealed(record)
            for record in self.records
            if record.kind_code == kind_code
            and any(
                (h.code, h.code_type) == (holder.code, holder.code_type) for h in record.holders
            )
        )

    def register(self):
        return MemoryRegister(*(self.world.register_entry(record) for record in self.records))


@dataclass(frozen=True)
class Story:
    """One item as it is handled in life: who asks, about whom, and what they hold."""

    item: str
    holder: Holder
    records: tuple
    parties: tuple = ()
    missing: int = 0
    """Which of the records the case cannot do without."""


def stories(world):
    """Return a story for each item; all requirements are met in it."""
    mother, father = (
        world.identity(MOTHER, "2", "1997-09-23"),
        world.identity(FATHER, "1", "1995-04-12"),
    )
    business = world.licence(
        BUSINESS,
        COMPANY,
        uscc=COMPANY.code,
        org_name=COMPANY.name,
        scope="道路货物运输（不含危险货物）",
    )
    birth = world.licence(
        BIRTH,
        NEWBORN,
        until=LONG_TERM,
        newborn_name=NEWBORN.name,
        sex="2",
        birth_time="2026-11-01T06:30:00+08:00",
        mother_name=MOTHER.name,
        mother_id=MOTHER.code,
    )
    driving = {"until": "2027-01-10", "class": "A2D", "name": FATHER.name}
    found = (
        Story(
            "birth_registration",
            NEWBORN,
            (birth, mother, world.household(MOTHER)),
            (("mother", MOTHER),),
        ),
        Story(
            "school_entry",
            CHILD,
            (
                world.household(CHILD, "2020-05-01"),
                world.licence(VACCINATION, CHILD, until=LONG_TERM, child_name=CHILD.name),
                father,
                world.home(FATHER, MOTHER),
            ),
            (("guardian", FATHER),),
        ),
        Story(
            "marriage_registration",
            FATHER,
            (father, mother, world.household(FATHER), world.household(MOTHER)),
            (("partner", MOTHER),),
        ),
        Story(
            "company_set_up",
            FATHER,
            (father, world.home(MOTHER, use="商服用地/商业")),
            (("premises_owner", MOTHER),),
        ),
        Story("company_address_change", COMPANY, (business,)),
        Story(
            "real_estate_transfer",
            FATHER,
            (world.home(FATHER, MOTHER), father, mother),
            (("buyer", MOTHER),),
        ),
        Story(
            "food_licence_renewal",
            COMPANY,
            (
                business,
                world.licence(
                    FOOD,
                    COMPANY,
                    until="2026-12-31",
                    licence_no="JY165",
                    main_type="餐饮服务经营者",
                ),
            ),
        ),
        Story(
            "road_freight_permit",
            COMPANY,
            (
                business,
                world.licence(
                    VEHICLE, COMPANY, plate_no="新A00001", inspection_valid_to="2027-05-31"
                ),
                world.licence(DRIVING, FATHER, **driving),
                world.licence(
                    TRANSPORT_WORKER, FATHER, category="道路货物运输驾驶员", birth_date="1995-04-12"
                ),
            ),
            (("driver", FATHER),),
        ),
        Story(
            "retirement",
            WORKER,
            (
                world.identity(WORKER, "1", "1966-01-01"),
                world.licence(
                    SOCIAL_SECURITY,
                    WORKER,
                    until=LONG_TERM,
                    name=WORKER.name,
                    ssc_number=WORKER.code,
                ),
            ),
        ),
        Story(
            "residence_permit",
            MOTHER,
            (mother, world.licence(RESIDENCE, MOTHER, live_address="新疆乌鲁木齐市示例路2号")),
        ),
        Story(
            "driving_licence_renewal", FATHER, (father, world.licence(DRIVING, FATHER, **driving))
        ),
        Story(
            "social_assistance",
            WORKER,
            (
                world.identity(WORKER, "1", "1966-01-01"),
                world.household(WORKER),
                world.home(WORKER),
            ),
        ),
    )
    return {story.item: story for story in found}
