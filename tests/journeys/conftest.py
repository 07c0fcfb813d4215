"""Two regions that run and talk over HTTP, as the demonstration sets them up, for every journey.

One pair serves the whole folder; each test makes its own companies, so none stands in
another's way.
"""

import copy
import json
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from itertools import count
from typing import Any

import httpx
import pytest

from sealkit.record import Holder
from yinxin.accounts import Account, add_account, holder_context
from yinxin.context import Context, open_context
from yinxin.demonstration.client import Answer, Client
from yinxin.demonstration.setting_up import SECRET, set_up
from yinxin.demonstration.story import EXAMPLES, FIRST, SECOND
from yinxin.serving import free_port, running
from yinxin.settings import Settings

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BASIS = {"legal_basis": "《中华人民共和国行政许可法》第六十九条"}
_numbers = count(1)


def uscc(number: int) -> str:
    """Return a well-formed USCC; the last four before the check character are the number's."""
    head = f"91650100MA7TE{number:04d}"
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(head))
    return head + USCC_ALPHABET[-total % 31]


@dataclass
class Region:
    """A running region and the people who work there."""

    context: Context
    address: str
    clients: dict[str, Client]

    def client(self, account: str = "") -> Client:
        """Return a client signed in as `account`; anonymous without one."""
        if account not in self.clients:
            self.clients[account] = (
                Client.sign_in(self.address, account, SECRET) if account else Client(self.address)
            )
        return self.clients[account]

    def ask(self, account: str, method: str, path: str, members: Any = None, **headers: str):
        """Return whatever the service answers, refusals too."""
        body = None
        if method != "GET":
            body = members if isinstance(members, bytes) else json.dumps(members or {}).encode()
            headers = {"Content-Type": "application/json"} | headers
        return self.client(account).call(method, path, body, headers, expect_success=False)

    def refused(self, status: int, code: str, answer: Answer) -> dict[str, Any]:
        """Require one problem with this status and code, in both languages."""
        assert answer.status == status, answer.content[:400]
        problem = answer.json
        assert problem["code"] == code
        assert problem["status"] == status
        assert problem["title"]
        assert problem["title_en"]
        assert not problem["title"].isascii()
        return problem

    def verify(self, document: bytes) -> dict[str, Any]:
        """Return the report of the verification service."""
        return self.client().upload("/v1/verify", document).json

    def apply(self, application: dict[str, Any], department: str = "market") -> str:
        """Apply, and return the address of the application."""
        key = {"Idempotency-Key": f"journey-{next(_numbers):06d}"}
        clerk = self.client(f"{department}-clerk")
        return f"/v1/applications/{clerk.post('/v1/applications', application, **key).json['id']}"

    def mint(self, application: dict[str, Any], department: str = "market") -> dict[str, Any]:
        """Apply, have it reviewed by another person, mint."""
        place = self.apply(application, department)
        self.client(f"{department}-reviewer").post(f"{place}/review", {"decision": "approve"})
        return self.client(f"{department}-clerk").post(f"{place}/mint").json

    def file(self, licence: dict[str, Any], form: str = "ofd", department: str = "market") -> bytes:
        """Return one file of a licence."""
        path = f"/v1/licences/{licence['id']}/files/{form}"
        return self.client(f"{department}-clerk").get(path).content

    def add_holder(self, account: str, holder: Holder) -> None:
        """Give a holder an account."""
        context = self.context
        plain = json.dumps(asdict(holder), ensure_ascii=False).encode()
        box = context.vault.seal(plain, holder_context(account))
        entry = Account(account, holder.name, "", frozenset({"holder"}), box)
        with context.database.writing() as session:
            add_account(session, entry, SECRET)


class Forms(HTMLParser):
    """The forms of a page: where each is sent to, and what it carries."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] | None = None
        self._select: str | None = None
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Collect fields with what they hold."""
        members = dict(attrs)
        if tag == "form":
            self._open = self.found.setdefault(members.get("action", ""), {})
        elif self._open is None or (tag != "option" and "name" not in members):
            return
        elif tag == "input" and members.get("type") != "file":
            chosen = members.get("type") not in ("radio", "checkbox") or "checked" in members
            if chosen:
                self._open[members["name"]] = members.get("value") or ""
        elif tag == "select":
            self._select = members["name"]
            self._open[members["name"]] = ""
        elif tag == "option" and "selected" in members and self._select:
            self._open[self._select] = members.get("value") or ""
        elif tag == "textarea":
            self._area = members["name"]
            self._open[self._area] = ""

    def handle_endtag(self, tag):
        """Close what was open."""
        if tag == "form":
            self._open = None
        self._area = None if tag == "textarea" else self._area

    def handle_data(self, data):
        """Take the text of a text area."""
        if self._area and self._open is not None:
            self._open[self._area] += data.removeprefix("\n")


class Desk:
    """Somebody at the console, as a browser without script is."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=60)

    def sign_in(self, account: str, secret: str = SECRET, **more: str) -> httpx.Response:
        """Send the form for signing in."""
        form = {"account": account, "secret": secret, **more}
        return self.http.post("/console/sign-in", data=form)

    def get(self, path: str, status: int = 200) -> str:
        """Return a page, which must have this status."""
        answer = self.http.get(path, follow_redirects=True)
        assert answer.status_code == status, (answer.status_code, answer.text[:3000])
        return answer.text

    def forms(self, path: str) -> dict[str, dict[str, str]]:
        """Return the forms of a page."""
        return Forms(self.get(path)).found

    def send(self, page: str, action: str, values=None, files=None, **headers) -> httpx.Response:
        """Fill in the form on `page` that is sent to `action`, and send it."""
        form = self.forms(page)[action] | (values or {})
        return self.http.post(action, data=form, files=files, headers=headers)

    def done(self, page: str, action: str, values=None, files=None) -> str:
        """Send a form that must be taken, and return the path that it leads to."""
        answer = self.send(page, action, values, files)
        assert answer.status_code == 303, (answer.status_code, answer.text[:4000])
        return answer.headers["location"]


def example(name: str) -> dict[str, Any]:
    """Return an application as the documentation has it."""
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def company():
    """An application for a company that nobody has applied for yet."""
    application = copy.deepcopy(example("business_licence"))
    code = uscc(next(_numbers))
    name = f"旅程试验{code[-5:]}有限公司"
    application["holders"] = [{"name": name, "code": code, "code_type": "001"}]
    application["fields"] |= {"uscc": code, "org_name": name}
    return application


@pytest.fixture(scope="session")
def regions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regions")
    settings = Settings(data_directory=folder / FIRST, port=free_port(), demonstration=True)
    first = open_context(settings)
    set_up(first)
    with running(first) as address:
        port = free_port()
        changes = {
            "region": SECOND,
            "data_directory": folder / SECOND,
            "port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "peers": {FIRST: address},
        }
        second = open_context(settings.model_copy(update=changes))
        second.trust.introduce(FIRST, first.publisher.root(first.now()))
        second.refresh_trust()
        with running(second) as other:
            yield Region(first, address, {}), Region(second, other, {})
        second.close()
    first.close()


@pytest.fixture
def home(regions):
    return regions[0]


@pytest.fixture
def neighbour(regions):
    return regions[1]


@pytest.fixture(scope="session")
def desk(regions):
    """Somebody's desk in the console, by account; each signs in once."""
    desks: dict[str, Desk] = {}

    def of(account: str) -> Desk:
        if account not in desks:
            desks[account] = Desk(regions[0].address)
            assert desks[account].sign_in(account).status_code == 303
        return desks[account]

    yield of
    for entry in desks.values():
        entry.http.close()


@pytest.fixture
def stranger(home):
    """A desk at which nobody has signed in."""
    desk = Desk(home.address)
    yield desk
    desk.http.close()


@pytest.fixture
def legal_basis():
    return BASIS


@pytest.fixture
def examples():
    return example
