"""Several seals on one licence, a seam seal over its pages, and the lock: made and verified."""

import pytest

from issuance import repository
from issuance.errors import KindFileError
from issuance.kind_files import DIRECTORY
from issuance.model import parse_kind
from issuance.render.seal_places import places
from issuance.seals import making
from issuance.seals.making import SealWish
from issuance.seals.reconciliation import reconcile
from issuance.seals.register import uses_of
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.ofd.errors import LockedDocumentError
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.signatures import read_signatures
from sealkit.formats.ofd.signing import StampPlacement, seal_package
from tests.issuance.seals.steps import keeper, seal_of
from tests.issuance.test_mint import judged
from tests.issuance.world import AT, MARKET, example
from verification.report import Verdict
from yinxin.adapters import Register

LONG = "软件开发；" * 600


def put_into_service(world, **wish):
    with world.writing() as session:
        arguments = (session, world.services)
        seal = making.apply_for_seal(
            *arguments, MARKET, actor=keeper("a"), at=AT, wish=SealWish(**wish)
        )
        making.review_seal(*arguments, MARKET, seal.id, actor=keeper("b"), at=AT)
        making.make_seal(*arguments, MARKET, seal.id, actor=keeper("c"), at=AT)
        return making.put_into_service(*arguments, MARKET, seal.id, actor=keeper("b"), at=AT)


def with_kind(world, **changes):
    kinds = dict(world.services.kinds)
    kinds["business_licence"] = kinds["business_licence"].model_copy(update=changes)
    return world.with_services(kinds=kinds)


def long_licence():
    data = example("business_licence")
    data["fields"]["scope"] = LONG
    return data


def file_of(world, edition, form="ofd"):
    with world.writing() as session:
        return world.services.files.get(repository.files(session, edition.key)[form].key)


@pytest.fixture
def twice(world):
    """A world in which a business licence bears the legal-name seal beside the business seal."""
    legal = put_into_service(world, type=1)
    return with_kind(world, seals=("06", "01"), seam=True, lock=True), legal


def test_a_licence_bears_each_seal_its_kind_names_and_each_use_is_recorded(twice):
    world, legal = twice
    edition = world.mint()
    document = read_document(file_of(world, edition))
    seals = read_signatures(document).seals
    assert [entry.signature.seal.info.type for entry in seals] == [6, 1]
    assert seals[1].signature.seal.info.seal_id == legal.id
    with world.writing() as session:
        (first,) = uses_of(session, MARKET, seals[0].signature.seal.info.seal_id)
        (second,) = uses_of(session, MARKET, legal.id)
        assert reconcile(session, world.services.files, MARKET).agrees
    assert first.document_digest == second.document_digest
    for form in ("ofd", "pdf"):
        assert judged(world, file_of(world, edition, form)).verdict is Verdict.VALID


def test_the_later_seal_covers_the_earlier_and_locks(twice):
    world, _legal = twice
    document = file_of(world, world.mint())
    first, second = read_signatures(read_document(document)).seals
    assert (first.locks, second.locks) == (False, True)
    covered = {reference.name for reference in second.references}
    assert {first.path, first.value_path, first.seal_path} <= covered
    with pytest.raises(LockedDocumentError):
        seal_package(
            document,
            seal_der=seal_of(world).der,
            signer=world.services.keys.signer("seal_signer_market"),
            at=AT,
            stamp=StampPlacement(0, 10, 10, 42, 42),
        )


def test_each_page_carries_its_slice_of_the_first_seal(twice):
    world, _legal = twice
    edition = world.mint(data=long_licence())
    document = read_document(file_of(world, edition))
    first, second = read_signatures(document).seals
    pages = [page.id for page in document.pages]
    assert len(pages) > 1
    whole, *slices = first.stamps
    assert whole.clip is None
    assert [stamp.page_id for stamp in slices] == pages
    width = 42 / len(pages)
    for number, stamp in enumerate(slices):
        assert stamp.clip == pytest.approx((number * width, 0, width, 42))
        assert stamp.boundary[0] + stamp.clip[0] + width == pytest.approx(PAGE_WIDTH)
    assert len(second.stamps) == 1
    assert judged(world, file_of(world, edition)).verdict is Verdict.VALID


def test_a_licence_of_one_page_has_no_seam(twice):
    world, _legal = twice
    first, _second = read_signatures(read_document(file_of(world, world.mint()))).seals
    assert len(first.stamps) == 1


def test_a_page_of_another_copy_is_found_by_each_seal(twice):
    """A page is exchanged: both seals say so, each by its own signature."""
    world, _legal = twice
    package = read_package(file_of(world, world.mint(data=long_licence())))
    entries = dict(package.entries)
    name = next(name for name in entries if name.endswith("Page_1/Content.xml"))
    entries[name] = entries[name].replace("软件".encode(), "硬件".encode(), 1)
    report = judged(world, write_package(entries))
    changed = [f for f in report.findings if f.code == "digest.file_changed"]
    assert report.verdict is Verdict.INVALID
    assert sorted(f.evidence["signature"][-20:] for f in changed) == [
        "Sign_0/Signature.xml",
        "Sign_1/Signature.xml",
    ]


def test_a_kind_that_needs_a_seal_which_the_issuer_has_not_says_which(world):
    needs = with_kind(world, seals=("06", "02"))
    application = needs.approve(needs.submit())
    with pytest.raises(Exception, match="type 02") as refused:
        needs.mint_application(application)
    assert refused.value.refusal == "seal.refusal.type"


def test_seals_stand_side_by_side_and_never_leave_the_page():
    page = (210.0, 297.0)
    stamps = places(
        (150, 230), [(42, 42), (40, 30), (18, 18), (42, 42)], page=page, pages=1, seam_seal=True
    )
    boxes = [(s.x_mm, s.y_mm, s.width_mm, s.height_mm) for (s,) in stamps]
    assert boxes[0] == (129, 209, 42, 42)
    for x, y, width, height in boxes:
        assert x >= 0
        assert y >= 0
        assert x + width <= page[0]
        assert y + height <= page[1]
    for number, (x, y, width, height) in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = x >= other[0] + other[2] or other[0] >= x + width
            assert apart or y >= other[1] + other[3] or other[1] >= y + height


def test_the_register_tells_how_many_seals_to_expect(twice):
    world, _legal = twice
    edition = world.mint()
    with world.writing() as session:
        register = Register(session, world.services.departments, "650000")
        assert register.entry(edition.identifier).seal_count == 2


PAGE_WIDTH = 297  # the business licence lies


@pytest.mark.parametrize(
    ("written", "told"),
    [('["06", "06"]', "name each type"), ('["77"]', "match pattern"), ("[]", "at least 1")],
)
def test_a_kind_file_with_impossible_seals_says_where(written, told):
    text = (DIRECTORY / "business_licence.toml").read_text("utf-8")
    spoilt = text.replace("number_field =", f"seals = {written}\nnumber_field =", 1)
    with pytest.raises(KindFileError, match=told) as refused:
        parse_kind(spoilt, "business_licence.toml")
    line = spoilt.splitlines().index(f"seals = {written}") + 1
    assert (refused.value.line, refused.value.key.split("[")[0]) == (line, "seals")
