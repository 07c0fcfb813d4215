"""Each thing changed afterwards is found, by its name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.ceremonies.closing import parse_closing
from ca.ceremonies.examining import examine
from ca.ceremonies.printed import catalogue, printed
from ca.ceremonies.transcript import Recorder, parse_transcript
from sealkit.errors import MalformedError
from tests.ca.ceremonies.room import BEGUN, ROOT_PLAN, hold

CEREMONIES = ("root_ceremony", "sub_ca_ceremony", "list_ceremony")


@pytest.fixture(scope="session")
def other():
    """Another region's root ceremony."""
    return hold(ROOT_PLAN.replace("示例根", "别的根"))


def found_in(files, root):
    return {(fault.code, fault.place) for fault in examine(files, root).faults}


def lines_of(files):
    return files["transcript.jsonl"].split(b"\n")[:-1]


def with_lines(files, lines):
    return files | {"transcript.jsonl": b"".join(line + b"\n" for line in lines)}


@pytest.mark.parametrize("name", CEREMONIES)
def test_what_a_ceremony_left_is_valid_to_who_knows_the_root(name, request, root_ceremony):
    held = request.getfixturevalue(name)
    found = examine(held.files, root_ceremony.root)
    assert (found.verdict, found.faults) == ("valid", ())


def test_without_a_root_to_compare_nobody_can_say(root_ceremony):
    assert examine(root_ceremony.files, None).verdict == "cannot_say"


def test_another_root_is_told(root_ceremony, other):
    assert ("root_differs", "root.cert.pem") in found_in(root_ceremony.files, other.root)


@pytest.mark.parametrize("name", ["root.sealed", "root.crl", "root.cert.pem", "plan.toml"])
def test_a_changed_file_is_named(name, root_ceremony):
    changed = root_ceremony.files | {name: root_ceremony.files[name] + b"\n"}
    assert ("file_changed", name) in found_in(changed, root_ceremony.root)


def test_a_missing_file_is_named(root_ceremony):
    files = {
        name: content for name, content in root_ceremony.files.items() if name != "root.sealed"
    }
    assert found_in(files, root_ceremony.root) == {("file_missing", "root.sealed")}


def test_a_file_that_nobody_signed_for_is_named(root_ceremony):
    files = root_ceremony.files | {"sub_ca.sealed": b"x"}
    assert found_in(files, root_ceremony.root) == {("file_unsigned", "sub_ca.sealed")}


def test_a_changed_line_is_named(root_ceremony):
    lines = lines_of(root_ceremony.files)
    lines[3] = lines[3].replace("示例根".encode(), "示例恨".encode())
    found = found_in(with_lines(root_ceremony.files, lines), root_ceremony.root)
    assert ("line_changed", "transcript.jsonl:5") in found


def test_a_dropped_line_is_named(root_ceremony):
    lines = lines_of(root_ceremony.files)
    del lines[4]
    found = found_in(with_lines(root_ceremony.files, lines), root_ceremony.root)
    assert ("line_changed", "transcript.jsonl:5") in found


def test_exchanged_lines_are_named(root_ceremony):
    lines = lines_of(root_ceremony.files)
    lines[2], lines[3] = lines[3], lines[2]
    found = found_in(with_lines(root_ceremony.files, lines), root_ceremony.root)
    assert ("line_changed", "transcript.jsonl:3") in found


def test_a_transcript_cut_short_is_told(root_ceremony):
    found = found_in(
        with_lines(root_ceremony.files, lines_of(root_ceremony.files)[:-1]), root_ceremony.root
    )
    assert ("head_differs", "transcript.jsonl:9") in found


def test_a_whole_transcript_written_anew_is_not_what_was_signed(root_ceremony):
    recorder = Recorder()
    for line in parse_transcript(root_ceremony.files["transcript.jsonl"]):
        told = dict(line.told) | ({"threshold": "1"} if line.step == "sealing" else {})
        recorder.record(line.step, line.by, BEGUN, **told)
    files = root_ceremony.files | {
        "transcript.jsonl": recorder.content,
        "transcript.txt": printed(recorder.lines).encode(),
    }
    found = found_in(files, root_ceremony.root)
    assert {("head_differs", "transcript.jsonl:10"), ("file_changed", "transcript.jsonl")} <= found


def test_the_printed_form_says_what_the_transcript_says(root_ceremony):
    text = root_ceremony.files["transcript.txt"].replace(b"2046", b"2056")
    found = found_in(root_ceremony.files | {"transcript.txt": text}, root_ceremony.root)
    assert ("printed_differs", "transcript.txt") in found


def test_a_closing_note_of_another_key_is_refused(root_ceremony, other):
    note, stranger = root_ceremony.files["transcript.note"], other.files["transcript.note"]
    text, signature = note.rpartition(b"\n\n")[0], stranger.rpartition(b"\n\n")[2]
    files = root_ceremony.files | {"transcript.note": text + b"\n\n" + signature}
    assert found_in(files, root_ceremony.root) == {("closing_not_signed", "transcript.note")}


def test_a_ceremony_key_that_the_root_did_not_certify_is_refused(root_ceremony, other):
    name = "ceremony.cert.pem"
    found = found_in(root_ceremony.files | {name: other.files[name]}, root_ceremony.root)
    assert {("not_issued_by_root", name), ("closing_not_signed", "transcript.note")} <= found


def test_a_list_with_a_number_that_was_not_recorded_is_refused(root_ceremony, list_ceremony):
    files = root_ceremony.files | {"root.crl": list_ceremony.files["root.crl"]}
    assert ("list_number", "root.crl") in found_in(files, root_ceremony.root)


def test_a_list_of_another_root_is_refused(root_ceremony, other):
    files = root_ceremony.files | {"root.crl": other.files["root.crl"]}
    assert ("list_not_signed", "root.crl") in found_in(files, root_ceremony.root)


def test_an_empty_folder_is_no_ceremony(root_ceremony):
    assert examine({}, root_ceremony.root).verdict == "invalid"


@pytest.mark.parametrize("name", CEREMONIES)
def test_every_step_and_thing_told_has_words(name, request):
    words = catalogue()
    for line in parse_transcript(request.getfixturevalue(name).files["transcript.jsonl"]):
        assert line.step in words["steps"]
        told = {member.rstrip("0123456789").rstrip("_") for member, _text in line.told}
        assert told <= set(words["told"])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_transcript_or_refused(content):
    try:
        assert parse_transcript(content)
    except MalformedError:
        pass


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_json_is_a_line_or_refused(value):
    members = {"at": value, "by": [], "number": 1, "previous": "", "step": value, "told": value}
    for line in (value, members):
        try:
            parse_transcript(json.dumps(line).encode() + b"\n")
        except MalformedError:
            continue


@given(st.binary(max_size=300))
def test_any_bytes_are_a_closing_note_or_refused(content):
    for candidate in (content, b"yinxin ceremony 1\nlines 1 " + content + b"\n\n" + content):
        try:
            parse_closing(candidate)
        except MalformedError:
            continue
