"""The form of every kind says all that an application of it can say."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request

from issuance.application_data import validate_application_data
from issuance.model import load_kinds
from tests.issuance.kinds.samples import sample
from yinxin.console.application_forms import data_of_form, form_of, shown_fields
from yinxin.pages import render

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
KINDS = load_kinds()


class Filled(HTMLParser):
    """What a browser would send of a page's form, as it stands."""

    def __init__(self, html):
        super().__init__()
        self.sent = []
        self.labelled = set()
        self.ids = set()
        self._name = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        members = dict(attrs)
        self.ids.add(members.get("id"))
        if tag == "label":
            self.labelled.add(members.get("for"))
        if tag == "input" and members["type"] not in ("file", "checkbox"):
            self.sent.append((members["name"], members["value"]))
        elif tag == "select":
            self._name = members["name"]
        elif tag == "option" and "selected" in members:
            self.sent.append((self._name, members["value"]))
        elif tag == "textarea":
            self._name = members["name"]
            self.sent.append((self._name, ""))

    def handle_data(self, data):
        if self.sent and self.sent[-1][0] == self._name and self.lasttag == "textarea":
            before = self.sent[-1][1].replace("\r\n", "\n")
            text = (before + data).removeprefix("\n")
            self.sent[-1] = (self._name, text.replace("\n", "\r\n"))  # as browsers do


def drawn(kind, data, problem=None):
    return render(
        "console/application_form.html",
        here="console",
        demonstration=False,
        actor=None,
        department=None,
        until="",
        menu=(),
        current="",
        page_path="/console",
        form_token=lambda _address: "token",
        moment=str,
        done=None,
        form=form_of(kind, data),
        action="/console/applications/new/x",
        back="/console",
        carried={},
        replaces="",
        reason="",
        remarks={},
        note=None,
        problem=problem,
    )


def posted(sent):
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": []})
    request.state.form = FormData(sent)
    return request


@pytest.mark.parametrize("name", sorted(KINDS))
def test_what_a_form_shows_is_what_it_sends(name):
    kind = KINDS[name]
    valid = validate_application_data(kind, sample(name), AT)
    filled = Filled(drawn(kind, valid.to_members()))
    again = validate_application_data(kind, data_of_form(posted(filled.sent), kind), AT)
    assert again == valid


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_field_is_there_with_its_label_and_where_problems_lead(name):
    kind = KINDS[name]
    filled = Filled(drawn(kind, {}))
    for field in kind.fields:
        assert f"f-{field.name}" in filled.ids
        assert f"f-{field.name}" in filled.labelled
    assert filled.labelled <= filled.ids


@pytest.mark.parametrize("name", sorted(KINDS))
def test_values_are_shown_for_people(name):
    kind = KINDS[name]
    shown = shown_fields(kind, validate_application_data(kind, sample(name), AT))
    for field, value in shown:
        if field.type == "code":
            assert value in field.codes.values()
        if field.type == "image":
            assert str(value).startswith('<img class="photo" src="data:image/jpeg;base64,')
