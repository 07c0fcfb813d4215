"""Made-up citizens and a company, what they ask for, and the licences they hold."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sealkit.record import Holder

from .conftest import uscc


def citizen(name, born, order):
    """Return a made-up citizen born on a day."""
    head = f"650102{born:%Y%m%d}{order:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(head, weights, strict=True))
    return Holder(name, head + "10X98765432"[total % 11], "111")


TODAY = date.today()  # the service judges by its own clock
MOTHER_BORN, FATHER_BORN, WORKER_BORN = date(1997, 9, 23), date(1995, 4, 12), date(1964, 2, 3)
CHILD_BORN = date(TODAY.year - 6, 5, 1)
MOTHER = citizen("古丽娜尔·旅程", MOTHER_BORN, 402)
FATHER = citizen("张旅程", FATHER_BORN, 301)
WORKER = citizen("李旅程", WORKER_BORN, 401)
CHILD = citizen("张小旅程", CHILD_BORN, 401)
NEWBORN = Holder("张新旅程", "Z650987654", "999")
COMPANY = Holder("旅程货运有限公司", uscc(9901), "001")
SOON = str(TODAY + timedelta(days=40))


@dataclass(frozen=True)
class Story:
    """Who asks an item about whom, and what is handed out."""

    item: str
    holder: Holder
    parties: tuple = ()
    fields: tuple = ()


STORIES = (
    Story(
        "birth_registration", NEWBORN, (("mother", MOTHER),), ("birth_certificate.newborn_name",)
    ),
    Story("school_entry", CHILD, (("guardian", FATHER),), ("home.location",)),
    Story("marriage_registration", FATHER, (("partner", MOTHER),)),
    Story("company_set_up", FATHER, (("premises_owner", MOTHER),), ("premises.location",)),
    Story("company_address_change", COMPANY),
    Story("real_estate_transfer", FATHER, (("buyer", MOTHER),), ("title.area",)),
    Story("food_licence_renewal", COMPANY, (), ("food_licence.licence_no",)),
    Story("road_freight_permit", COMPANY, (("driver", FATHER),), ("vehicle.plate_no",)),
    Story("retirement", WORKER, (), ("age.birth_date",)),
    Story("residence_permit", MOTHER, (), ("home.location",)),
    Story("driving_licence_renewal", FATHER, (), ("driving_licence.class",)),
    Story("social_assistance", WORKER),
)


def named(*holders):
    return [asdict(holder) for holder in holders]


def licences():
    """Kind, holders where an application lists them, and the fields that matter here."""
    home = {"use": "城镇住宅用地/住宅", "area": "房屋建筑面积：98.6㎡"}
    shop = {"use": "商服用地/商业", "area": "房屋建筑面积：40㎡"}
    company = {"org_name": COMPANY.name, "uscc": COMPANY.code}
    freight = {"scope": "道路货物运输（不含危险货物）；仓储服务。"}
    for person, sex, born in (
        (MOTHER, "2", MOTHER_BORN),
        (FATHER, "1", FATHER_BORN),
        (WORKER, "1", WORKER_BORN),
    ):
        yield "identity_card", None, _identity(person, sex, born)
    for number, (person, born) in enumerate(
        ((MOTHER, MOTHER_BORN), (FATHER, FATHER_BORN), (CHILD, CHILD_BORN), (WORKER, WORKER_BORN))
    ):
        page = {"page_no": f"650102000987654-0{number}", "household_no": "650102000987654"}
        yield "household_register", None, _person(person, born) | page
    birth = {"cert_no": NEWBORN.code, "newborn_name": NEWBORN.name}
    birth |= {"mother_name": MOTHER.name, "mother_id": MOTHER.code}
    birth |= {"father_name": FATHER.name, "father_id": FATHER.code}
    yield "birth_certificate", named(NEWBORN), birth
    vaccinated = {"child_name": CHILD.name, "birth_date": str(CHILD_BORN)}
    yield "vaccination_certificate", named(CHILD), vaccinated | {"cert_no": "650102209900099999"}
    for number, (owners, kind) in enumerate(
        (((FATHER, MOTHER), home), ((MOTHER,), shop), ((WORKER,), home))
    ):
        yield "real_estate_certificate", named(*owners), kind | _title(owners, number)
    yield "business_licence", named(COMPANY), company | freight
    food = company | {"licence_no": "JY16501020099999", "valid_to": SOON}
    yield "food_business_licence", None, food
    yield "vehicle_licence", named(COMPANY), {"owner": COMPANY.name, "plate_no": "新A·D99999"}
    driving = {"licence_no": FATHER.code, "class": "A2D", "valid_to": SOON}
    yield "driving_licence", None, _person(FATHER, FATHER_BORN) | driving
    freight_driver = {"category": "道路货物运输驾驶员"}
    yield "road_transport_worker_qualification", None, _person(FATHER, FATHER_BORN) | freight_driver
    yield "social_security_card", None, {"name": WORKER.name, "ssc_number": WORKER.code}


def _person(person, born):
    return {"name": person.name, "id_number": person.code, "birth_date": str(born)}


def _identity(person, sex, born):
    ends = None if TODAY.year - born.year > 46 else "2046-11-20"
    return _person(person, born) | {"sex": sex, "valid_to": ends}


def _title(owners, number):
    names = "、".join(owner.name for owner in owners)
    certificate = f"新({TODAY.year})乌鲁木齐市不动产权第99000{number}号"
    return {"right_holder": names, "cert_no": certificate, "print_no": f"650020269900{number:02d}"}
