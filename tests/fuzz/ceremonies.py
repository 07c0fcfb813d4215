"""Targets of key ceremonies: what years later is all that is left of one."""

from ca.ceremonies.closing import parse_closing
from ca.ceremonies.examining import examine
from ca.ceremonies.plan import parse_plan
from ca.ceremonies.printed import printed
from ca.ceremonies.transcript import instant, parse_transcript
from ca.errors import CeremonyPlanError
from tests.fuzz.target import target


@target(parse_plan, refuses=(CeremonyPlanError,))
def ceremony_plan(foreign):
    """A plan that somebody wrote."""
    parse_plan(foreign).require_whole()


@target(parse_transcript)
def ceremony_transcript(foreign):
    """A transcript, read and printed."""
    lines = parse_transcript(foreign)
    printed(lines).encode()
    assert b"".join(line.content + b"\n" for line in lines) == foreign
    assert [instant(line) for line in lines] == sorted(map(instant, lines))


@target(parse_closing)
def ceremony_closing(foreign):
    """The note under a ceremony, and the verdict on a folder that holds no more."""
    closing = parse_closing(foreign).closing
    assert foreign.startswith(closing.text.encode())
    assert examine({"transcript.note": foreign}, None).verdict == "invalid"
