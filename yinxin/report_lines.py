"""What the PDF of a report says, line by line, in the order it is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sealkit.record import printed_form
from yinxin.beijing import clock_text
from yinxin.words import words

Weight = Literal["title", "verdict", "heading", "text", "quiet"]


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph."""

    weight: Weight
    text: str


def lines_of(members: Mapping[str, Any], signed: str | None) -> Iterator[Line]:
    """Yield the paragraphs of a report's members."""
    say = words()
    verdict = members["verdict"]
    yield Line("title", f"{say.zh('report.title')} {say.en('report.title')}")
    yield Line("verdict", f"{say.zh(f'verdict.{verdict}')} {say.en(f'verdict.{verdict}')}")
    yield Line("text", f"{members['zh']}{members['en']}")
    if members["note"]:
        yield Line("quiet", f"{members['note']['zh']}{members['note']['en']}")
    yield from _licence(members["licence"])
    yield from _findings(members["findings"])
    yield from _rules(members)
    yield from _times(members)
    yield from _chains(members["chains"])
    if signed:
        yield Line("quiet", say.zh("report.attached"))


def _licence(licence: Mapping[str, Any] | None) -> Iterator[Line]:
    if licence is None:
        return
    yield _heading("report.licence")
    holders = "、".join(licence["holders"])
    texts = dict(licence) | {"holders": holders}
    for name, text in texts.items():
        if text and name not in ("kind", "issuer_code"):
            yield Line(
                "text", f"{words().known(f'licence.{name}', name)}：{printed_form(str(text))}"
            )


def _findings(findings: list[Mapping[str, Any]]) -> Iterator[Line]:
    yield _heading("report.findings")
    if not findings:
        yield Line("text", words().zh("report.no_findings"))
    for finding in findings:
        severity = words().zh(f"severity.{finding['severity']}")
        yield Line("text", f"【{severity}】{finding['zh']}{finding['en']}")
        evidence = "；".join(f"{name}={value}" for name, value in finding["evidence"].items())
        yield Line("quiet", f"{finding['code']} {evidence}".rstrip())


def _rules(members: Mapping[str, Any]) -> Iterator[Line]:
    yield _heading("report.rules")
    for rule in members["rules"]:
        yield Line(
            "text", f"{rule['zh']}：{rule['outcome_zh']}（{rule['en']}: {rule['outcome_en']}）"
        )
    if members["unchecked"]:
        yield _heading("report.unchecked")
    for entry in members["unchecked"]:
        yield Line("text", f"{entry['zh']}。{entry['en']}")


def _times(members: Mapping[str, Any]) -> Iterator[Line]:
    say = words()
    yield _heading("report.times")
    yield Line("text", f"{say.zh('report.at')}：{_time(members['at'])}")
    if members["signed_at"]:
        yield Line("text", f"{say.zh('report.signed_at')}：{_time(members['signed_at'])}")
    for source, made in members["freshness"].items():
        yield Line("text", f"{say.known(f'source.{source}', source)}：{_time(made)}")
    yield Line("quiet", f"SM3 {members['document_sm3']}")


def _chains(chains: list[Mapping[str, Any]]) -> Iterator[Line]:
    if chains:
        yield _heading("report.chains")
    for chain in chains:
        yield Line("text", words().known(f"chain.{chain['role']}", chain["role"]))
        for certificate in chain["certificates"]:
            serial, until = certificate.get("serial", ""), certificate.get("not_after", "")
            yield Line("quiet", f"{certificate['subject']}  {serial}  {until}")


def _heading(key: str) -> Line:
    return Line("heading", f"{words().zh(key)} {words().en(key)}")


def _time(text: str) -> str:
    return clock_text(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))
