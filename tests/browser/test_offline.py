"""The page that verifies without a connection: the same answers as Python, and no connection.

One set of codes, the conformance cases and what is sound, is judged by both verifiers.
"""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from sealkit.formats.code import base45
from sealkit.record import StatusSlot
from sealkit.sm import sm3
from sealkit.status_slip import build_slip
from tests.conformance import bad_codes  # noqa: F401  # importing registers the cases
from tests.conformance.bad_bundles import BAD_BUNDLES, under_two_roots
from tests.conformance.cases import CASES
from tests.conformance.instants import AT
from tests.conformance.world import KIND_CODE, SLOT, STATUS_URI, guangdong, xinjiang
from verification.bundle import build_bundle, read_bundle
from verification.report import Severity
from verification.trust import SnapshotStatus
from verification.verify import verify

pytestmark = pytest.mark.browser

JUDGE = """async ([content, text, at]) => {
  const { readBundle } = await import("/offline/bundle.js");
  const { verify } = await import("/offline/verify.js");
  const dictionaries = (await import("/offline/dictionaries.js")).default;
  const report = verify(text, readBundle(content), dictionaries, at);
  return { verdict: report.verdict, findings: report.findings.map(([code]) => code).sort() };
}"""
NOT_A_CODE = {"code_that_is_not_text"}  # bytes that no text field can hold


def bundle_of(world, *, trust=None, status=None, at=AT, ages=None):
    """Return the bundle of one world, spoiled as a case spoils it."""
    region = (trust or world.trust).regions[0]
    tokens = status.tokens if status else {}
    return build_bundle(
        (region,),
        tokens,
        ages or {},
        signer=world_of(region).signer("trust_bundle"),
        at=at,
    )


def world_of(region):
    """Return the world that a region, however spoiled, is taken from."""
    return xinjiang() if region.region == "650000" else guangdong()


def by_python(bundle, text, at=AT):
    read = read_bundle(bundle, at=at)
    report = verify(
        text.encode(),
        trust=read.trust,
        status=SnapshotStatus(read.trust),
        log=None,
        register=None,
        at=at,
    )
    report = read.judged(report, KIND_CODE if report.licence else "")
    told = [entry.code for entry in report.findings if entry.severity is not Severity.INFO]
    return {"verdict": report.verdict.value, "findings": sorted(told)}


def shared_codes():
    """Yield name, text, bundle and time of every code that both are asked about."""
    world = xinjiang()
    sound = world.sound_status
    yield "sound", world.sound_code, bundle_of(world, status=sound), AT
    record = replace(world.record, valid_until="9999-12-31")
    yield "long_term", world.code(record), bundle_of(world, status=sound), AT
    for days in (1, 8):
        old = AT - timedelta(days=days, seconds=1)
        yield (
            f"bundle_{days}_days_old",
            world.sound_code,
            bundle_of(world, status=sound, at=old),
            AT,
        )
    hours = bundle_of(
        world, status=sound, at=AT - timedelta(hours=2), ages={KIND_CODE: timedelta(hours=1)}
    )
    yield "too_old_for_the_road", world.sound_code, hours, AT
    future = bundle_of(world, status=sound, at=AT + timedelta(minutes=10))
    yield "bundle_of_tomorrow", world.sound_code, future, AT
    yield "no_status_list", world.sound_code, bundle_of(world), AT
    for state in (1, 2, 3, 5, 12, 13):
        yield f"state_{state}", world.sound_code, bundle_of(world, status=world.status(state)), AT
    late = world.status(expires_at=AT - timedelta(minutes=1))
    yield "status_list_expired", world.sound_code, bundle_of(world, status=late), AT
    forged = world.status(signer=world.certificate())
    yield "status_list_forged", world.sound_code, bundle_of(world, status=forged), AT
    token = bytearray(sound.tokens[STATUS_URI])
    token[-1] ^= 1
    broken = replace_tokens(sound, {STATUS_URI: bytes(token)})
    yield "status_list_changed", world.sound_code, bundle_of(world, status=broken), AT
    cut = replace_tokens(sound, {STATUS_URI: bytes(token[:90])})
    yield "status_list_cut", world.sound_code, bundle_of(world, status=cut), AT
    stale = world.trust_with(crls=(world.crl(until=AT - timedelta(hours=1)), world.crl("root")))
    earlier = AT - timedelta(hours=2)
    crl_stale = bundle_of(world, trust=stale, status=sound, at=earlier)
    yield "crl_stale", world.sound_code, crl_stale, AT
    for name, made in odd_containers(world).items():
        yield name, "CL1:" + base45.encode(made), bundle_of(world, status=sound), AT
    yield from shown_with_slips(world)
    yield from conformance_codes(world)


def shown_with_slips(world):
    """Yield codes with a slip on the next line, beside lists that are newer, older or absent."""
    hour = timedelta(hours=1)

    def slip(state=0, *, at=AT - hour / 2, index=SLOT, signer="status_signer"):
        return build_slip(StatusSlot(STATUS_URI, index), state, signer=world.signer(signer), at=at)

    slips = {
        "sound": slip(),
        "suspended": slip(2),
        "odd_state": slip(7),
        "of_another": slip(index=SLOT + 1),
        "by_another_key": slip(signer="code_signer"),
        "of_yesterday": slip(at=AT - 24 * hour),
        "of_tomorrow": slip(at=AT + hour),
        "over_an_hour_old": slip(at=AT - 2 * hour),
        "cut": slip()[:-2],
        "changed": slip()[:-3] + "000",
        "other_text": "CS1:HELLO",
    }
    lists = {
        "no_list": None,
        "list": world.sound_status,
        "suspended_list": world.status(2),
        "small_list": world.status(slot=0),
    }
    for ages in ({}, {KIND_CODE: hour}):
        for listed, status in lists.items():
            bundle = bundle_of(world, status=status, at=AT - 2 * hour, ages=ages)
            for name, text in slips.items():
                for line_break in ("\n", "\r\n") if name == "sound" else ("\n",):
                    shown = f"{world.sound_code}{line_break}{text}\n"
                    yield f"slip_{name}_{listed}_{len(ages)}", shown, bundle, AT


def replace_tokens(status, tokens):
    return type(status)(tokens)


def odd_containers(world):
    from sealkit.formats.code.container import unwrap

    message = unwrap(world.sound_code)
    return {
        "bare": message,
        "trailing": message + b"\0",
        "one_byte": message[:1],
        "empty_map": b"\xd2\x84\x40\xa0\x40\x40",
        "deep": b"\xd2" + b"\x81" * 12 + b"\x00",
        "huge_length": b"\xd2\x84\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        "unprotected_alg": message.replace(
            b"\xa2\x01\x3a\x00\x01\x00\x00", b"\xa2\x01\x26\x00\x01\x00\x00"
        ),
    }


def conformance_codes(world):
    for name, case in CASES.items():
        if not name.startswith("code_") or name in NOT_A_CODE:
            continue
        shown = case.shown(world)
        if not shown.document.startswith(b"CL"):
            continue
        status = shown.sources.get("status", world.sound_status)
        if not hasattr(status, "tokens") or shown.sources.keys() & {"register", "log"}:
            continue
        at = shown.sources.get("at", AT)
        bundle = bundle_of(world, trust=shown.sources.get("trust"), status=status)
        yield name, shown.document.decode(), bundle, at


@pytest.fixture
def offline(browser, site):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"{site.address}/offline/")
    page.wait_for_selector("#ready:not([hidden])")
    yield page
    assert page.problems == []
    context.close()


def test_the_browser_and_python_judge_every_shared_code_alike(offline):
    judged = 0
    for name, text, bundle, at in shared_codes():
        here = by_python(bundle, text, at)
        there = offline.evaluate(JUDGE, [bundle.decode(), text, int(at.timestamp())])
        assert there == here, name
        judged += 1
    assert judged >= 40


READ = """async (content) => {
  const { readBundle } = await import("/offline/bundle.js");
  const { Malformed } = await import("/offline/bytes.js");
  try {
    return readBundle(content).root.sm3;
  } catch (error) {
    return error instanceof Malformed ? "refused" : `crashed: ${error}`;
  }
}"""


def test_the_browser_refuses_each_bundle_that_python_refuses(offline):
    world = xinjiang()
    for name, make in BAD_BUNDLES.items():
        assert offline.evaluate(READ, make(world).decode()) == "refused", name
    own = sm3.digest(world.der("root")).hex()
    assert offline.evaluate(READ, bundle_of(world).decode()) == own
    content, root = under_two_roots(world)
    assert offline.evaluate(READ, content.decode()) == sm3.digest(root).hex()


def put(page, selector, name, content):
    page.set_input_files(
        selector, {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def test_with_the_network_cut_a_true_code_is_valid_and_a_changed_one_is_not(
    offline, site, screenshot_of
):
    with offline.expect_download() as download:
        offline.click("a[download]")
    content = download.value.path().read_bytes()
    offline.context.set_offline(True)
    offline.reload()
    put(offline, "#bundle-file", "bundle.json", content)
    expect(offline.locator("#bundle-state")).to_contain_text("信任包可用")
    screenshot_of(offline, "offline-bundle")
    code = (site.files / "business_licence.code.txt").read_text("ascii")
    offline.fill("#text", code)
    offline.click("#check button")
    expect(offline.locator("#verdict")).to_have_class("verdict valid")
    screenshot_of(offline, "offline-valid")
    offline.fill("#text", code[:60] + ("0" if code[60] != "0" else "1") + code[61:])
    offline.click("#check button")
    expect(offline.locator("#verdict")).to_have_class("verdict invalid")
    screenshot_of(offline, "offline-invalid")
    put(offline, "#photo", "code.png", (site.files / "marriage_certificate.code.png").read_bytes())
    expect(offline.locator("#verdict")).to_have_class("verdict valid")
    offline.reload()  # the bundle is kept on the device
    expect(offline.locator("#bundle-state")).to_contain_text("信任包可用")
    offline.context.set_offline(False)


def test_an_old_bundle_says_how_old_it_is_and_answers_nothing(offline, site, screenshot_of):
    content = offline.request.get(f"{site.address}/v1/trust/bundle.json").body()
    put(offline, "#bundle-file", "bundle.json", content)
    offline.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=2))
    offline.reload()
    expect(offline.locator("#bundle-state")).to_contain_text("过旧")
    expect(offline.locator("#bundle-facts")).to_contain_text("48 小时前")
    offline.fill("#text", (site.files / "business_licence.code.txt").read_text("ascii"))
    offline.click("#check button")
    expect(offline.locator("#verdict")).to_have_class("verdict cannot_say")
    screenshot_of(offline, "offline-old")


def test_a_bundle_of_other_roots_or_a_changed_one_is_not_taken_silently(offline, site):
    content = offline.request.get(f"{site.address}/v1/trust/bundle.json").body()
    put(offline, "#bundle-file", "bundle.json", content)
    expect(offline.locator("#bundle-state")).to_contain_text("信任包可用")
    before = offline.inner_text("#bundle-facts")
    other = _other_region_bundle()
    put(offline, "#bundle-file", "bundle.json", other)
    expect(offline.locator("#other-root")).to_be_visible()
    assert offline.inner_text("#bundle-facts") == before
    members = json.loads(content)
    members["body"] = json.loads(other)["body"]
    put(offline, "#bundle-file", "bundle.json", json.dumps(members).encode())
    expect(offline.locator("#problem")).to_contain_text("不是可用的信任包")
    put(offline, "#bundle-file", "bundle.json", b"{}")
    expect(offline.locator("#problem")).to_contain_text("不是可用的信任包")


def _other_region_bundle():
    world = guangdong()
    return bundle_of(world, status=world.sound_status)


def film_of(picture):
    """Return a film (YUV4MPEG2) that shows a picture on white, for a camera that is none."""
    shown = Image.open(io.BytesIO(picture)).convert("L")
    shown = shown.resize((460, 460), Image.Resampling.NEAREST)
    frame = Image.new("L", (640, 480), 255)
    frame.paste(shown, (90, 10))
    colours = bytes([128]) * (640 * 480 // 2)
    return b"YUV4MPEG2 W640 H480 F10:1 C420jpeg\n" + (b"FRAME\n" + frame.tobytes() + colours) * 3


@pytest.fixture
def filming(browser, site, tmp_path):
    """A browser whose camera sees a code, or is refused."""
    opened = []

    def open_page(*, allowed):
        file = tmp_path / "code.y4m"
        file.write_bytes(film_of((site.files / "business_licence.code.png").read_bytes()))
        arguments = ["--no-sandbox", "--use-fake-device-for-media-stream"]
        arguments.append(f"--use-file-for-fake-video-capture={file}")
        started = browser.browser_type.launch(executable_path="/usr/bin/chromium", args=arguments)
        opened.append(started)
        context = started.new_context(viewport={"width": 390, "height": 844})
        if allowed:
            context.grant_permissions(["camera"])
        page = context.new_page()
        page.goto(f"{site.address}/offline/")
        content = page.request.get(f"{site.address}/v1/trust/bundle.json").body()
        put(page, "#bundle-file", "bundle.json", content)
        return page

    yield open_page
    for started in opened:
        started.close()


def test_the_camera_reads_a_code_and_stops(filming):
    page = filming(allowed=True)
    page.click("#camera")
    expect(page.locator("#verdict")).to_have_class("verdict valid", timeout=20_000)
    expect(page.locator("#camera-view")).to_be_hidden()
    assert page.evaluate("document.getElementById('viewfinder').srcObject") is None


def test_a_camera_that_is_not_allowed_is_said_in_a_sentence(filming):
    page = filming(allowed=False)
    page.click("#camera")
    expect(page.locator("#problem")).to_contain_text("没有允许使用")
    expect(page.locator("#camera")).to_be_visible()


def test_the_page_may_connect_to_nobody(browser, site):
    context = browser.new_context()
    page = context.new_page()
    policy = page.goto(f"{site.address}/offline/").headers["content-security-policy"]
    assert "connect-src 'none'" in policy
    assert "unsafe" not in policy
    refused = page.evaluate("fetch('/v1/items').then(() => 'answered', () => 'refused')")
    assert refused == "refused"
    context.close()


@pytest.fixture
def screenshot_of():
    def take(page, name):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.screenshot(path=f"out/screenshots/{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})

    return take
