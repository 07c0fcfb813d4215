"""The acts of the demonstration. Each notes what it expected and what it found."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from issuance.seals.register import seals_of
from mutual_recognition.recognise import Recognition
from sealkit.identifiers import parse_identifier
from yinxin import holder_links, offline
from yinxin.demonstration.client import Client
from yinxin.demonstration.report import StepReport
from yinxin.demonstration.setting_up import SECRET
from yinxin.demonstration.tampering import Forgery, forged_code, forged_ofds, forged_pdf
from yinxin.holder_links import HolderLink

if TYPE_CHECKING:
    from yinxin.demonstration.story import Service

KINDS = {
    "business_licence": "market",
    "real_estate_certificate": "land",
    "marriage_certificate": "civil",
}
FORMS = ("ofd", "pdf", "code.txt", "code.png")
TO_CORRECT = "business_licence_to_correct"
WRONG_FIELD = "premises"
RIGHT_VALUE = "新疆乌鲁木齐市沙依巴克区示例街21号果业园2栋"


class Acts:
    """What happens in the demonstration, in this order."""

    def __init__(
        self, first: "Service", second: "Service", examples: Path, out: Path, report: StepReport
    ) -> None:
        self._first = first
        self._second = second
        self._examples = examples
        self._out = out
        self._report = report
        self._clients: dict[str, Client] = {}
        self._minted: dict[str, dict[str, Any]] = {}

    def mint_all(self) -> None:
        """Apply, review by another person, mint: each kind, and fetch its files."""
        for kind, department in KINDS.items():
            licence = self._minted[kind] = self._mint(kind, department)
            self._report.note("签发", kind, "active", licence["state"], (licence["id"],))
            for form in FORMS:
                (self._out / f"{kind}.{form}").write_bytes(self._file(licence, department, form))
        context = self._first.context
        with context.database.reading() as session:
            made = seals_of(session, context.region.departments["market"].code)[0]
        (self._out / "seal.esl").write_bytes(made.der or b"")

    def verify_at_home(self) -> None:
        """The issuing region's service finds every form valid."""
        for kind in KINDS:
            for form in FORMS:
                document = (self._out / f"{kind}.{form}").read_bytes()
                self._verify(self._first, "本地区在线核验", f"{kind}.{form}", document, "valid")
            identifier = self._minted[kind]["id"].encode()
            self._verify(self._first, "按证照标识核验", kind, identifier, "valid")

    def leave_trust(self) -> None:
        """Write the trust material that verification needs without a connection."""
        context = self._first.context
        context.refresh_trust()
        own = context.trust.store().region(context.region.code)
        if own is None:
            return
        trust = replace(own, status_tokens=context.status_tokens.all())
        folder = self._out / "trust"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, content in trust.to_files().items():
            (folder / name).write_bytes(content)

    def verify_offline(self) -> None:
        """The command line finds every file valid with the trust directory alone."""
        store = offline.load_trust([self._out / "trust"])
        now = self._first.context.now()
        for kind in KINDS:
            for form in FORMS:
                name = f"{kind}.{form}"
                answer = offline.verify_one(str(self._out / name), store, now)
                self._note("离线核验", name, "valid", answer)
        stranger = offline.load_trust([])
        answer = offline.verify_one(str(self._out / "business_licence.ofd"), stranger, now)
        self._note("离线核验，无信任材料", "business_licence.ofd", "cannot_say", answer)
        later = now + timedelta(days=30)
        answer = offline.verify_one(str(self._out / "business_licence.ofd"), store, later)
        self._note("离线核验，状态列表过期", "business_licence.ofd", "cannot_say", answer)

    def refuse_tampered(self) -> None:
        """Every tampered copy is refused, online and offline."""
        folder = self._out / "tampered"
        folder.mkdir(exist_ok=True)
        business = (self._out / "business_licence.ofd").read_bytes()
        other = (self._out / "marriage_certificate.ofd").read_bytes()
        code = (self._out / "business_licence.code.txt").read_text("ascii")
        forgeries: list[Forgery] = [
            *forged_ofds(business, other),
            forged_pdf((self._out / "business_licence.pdf").read_bytes()),
            forged_code(code),
        ]
        endings = {"pdf-byte": "pdf", "code-field": "txt"}
        for forgery in forgeries:
            ending = endings.get(forgery.name, "ofd")
            (folder / f"{forgery.name}.{ending}").write_bytes(forgery.document)
            self._verify(self._first, "拒绝篡改件", forgery.zh, forgery.document, "invalid")

    def recognise_in_the_neighbouring_region(self) -> None:
        """The second region verifies with fetched trust material and its agreement."""
        for kind in KINDS:
            for form in ("ofd", "code.txt"):
                document = (self._out / f"{kind}.{form}").read_bytes()
                self._verify(self._second, "外地区核验", f"{kind}.{form}", document, "valid")
            document = (self._out / f"{kind}.ofd").read_bytes()
            answer = Client(self._second.address).upload("/v1/recognitions", document).json
            found = answer["recognition"]
            self._report.note(
                "外地区互认", kind, Recognition.RECOGNISED, found, (answer["reason"],)
            )

    def check_without_certificates(self) -> None:
        """A case officer asks instead of taking paper; the answer comes with a receipt."""
        officer = self._client("case-officer")
        holder = self._example("business_licence")["holders"][0]
        stranger = self._example(TO_CORRECT)["holders"][0]
        for case, person, expected in (("A-1", holder, "met"), ("A-2", stranger, "not_met")):
            question = {
                "item": "company_address_change",
                "holder": person,
                "case_number": case,
                "operator": "陈静",
                "signed_form": f"窗口授权单 {case}",
            }
            answer = officer.post("/v1/checks", question).json
            self._report.note("免证办核验", case, expected, answer["outcome"])
            if expected == "met":
                (self._out / "receipt.jwt").write_text(answer["receipt"], "ascii")

    def object_and_correct(self) -> None:
        """A wrong field is objected to, decided by another person, corrected, and seen."""
        licence = self._mint(TO_CORRECT, "market")
        old = self._file(licence, "market", "ofd")
        objection = self._lodge(licence)
        self._client("market-clerk").post(f"/v1/objections/{objection}/accept")
        self._second.context.status.forget()
        self._verify(self._first, "异议受理后，本地区", "原版本", old, "valid")
        self._verify(self._second, "异议受理后，外地区", "原版本", old, "valid")
        decided = self._client("market-decider").post(
            f"/v1/objections/{objection}/decide",
            {
                "outcome": "upheld",
                "reasons": "经核对登记档案，住所门牌号录入有误。",
            },
        )
        self._report.note("异议裁定", "另一人裁定", "upheld", decided.json["state"])
        corrected = self._client("market-clerk").post(f"/v1/objections/{objection}/correct").json
        new = self._file(corrected, "market", "ofd")
        self._report.note("更正", "新版本", "2", str(corrected["edition"]))
        self._second.context.status.forget()
        folder = self._out / "corrected"
        folder.mkdir(exist_ok=True)
        (folder / "old.ofd").write_bytes(old)
        (folder / "new.ofd").write_bytes(new)
        for service, where in ((self._first, "本地区"), (self._second, "外地区")):
            self._verify(service, f"更正后，{where}", "原版本", old, "invalid")
            self._verify(service, f"更正后，{where}", "新版本", new, "valid")
        self._minted[TO_CORRECT] = corrected
        self.leave_trust()

    def remember_examples(self) -> None:
        """Make a phone link for each licence and write down where the pages are."""
        context = self._first.context
        examples = []
        with context.database.writing() as session:
            for kind, licence in self._minted.items():
                named = parse_identifier(licence["id"]).identifier
                link = HolderLink(named.issuer_code, named.serial)
                token = holder_links.create(session, link, at=context.now())
                name = f"{licence['kind_name']}（{licence['holders_masked']}）"
                examples.append({"kind": kind, "name": name, "address": f"/h/{token}"})
        text = json.dumps(examples, ensure_ascii=False, indent=2)
        (context.settings.data_directory / "examples.json").write_text(text + "\n", "utf-8")

    def _mint(self, example: str, department: str) -> dict[str, Any]:
        clerk = self._client(f"{department}-clerk")
        application = clerk.post(
            "/v1/applications",
            self._example(example),
            **{"Idempotency-Key": f"demonstration-{example}"},
        ).json
        place = f"/v1/applications/{application['id']}"
        self._client(f"{department}-reviewer").post(f"{place}/review", {"decision": "approve"})
        minted: dict[str, Any] = clerk.post(f"{place}/mint").json
        again = clerk.post(f"{place}/mint").json
        self._report.note("重复签发得同一证照", example, minted["id"], again["id"])
        return minted

    def _lodge(self, licence: dict[str, Any]) -> str:
        answer = self._client("orchard-holder").post(
            f"/v1/licences/{licence['id']}/objections",
            {
                "type": "WRONG",
                "capacity": "holder",
                "items": [{"field": WRONG_FIELD, "claimed_value": RIGHT_VALUE}],
                "statement": "住所门牌号应为21号。",
            },
        )
        objection: str = answer.json["id"]
        self._report.note("异议提出", WRONG_FIELD, "submitted", answer.json["state"])
        return objection

    def _file(self, licence: dict[str, Any], department: str, form: str) -> bytes:
        place = f"/v1/licences/{licence['id']}/files/{form}"
        return self._client(f"{department}-clerk").get(place).content

    def _verify(
        self, service: "Service", zh: str, subject: str, document: bytes, expected: str
    ) -> None:
        answer = Client(service.address).upload("/v1/verify", document).json
        self._note(zh, subject, expected, answer)

    def _note(self, zh: str, subject: str, expected: str, answer: dict[str, Any]) -> None:
        reasons = tuple(finding["code"] for finding in answer["findings"])
        self._report.note(zh, subject, expected, answer["verdict"], reasons)

    def _client(self, account: str) -> Client:
        if account not in self._clients:
            self._clients[account] = Client.sign_in(self._first.address, account, SECRET)
        return self._clients[account]

    def _example(self, name: str) -> dict[str, Any]:
        example: dict[str, Any] = json.loads((self._examples / f"{name}.json").read_text("utf-8"))
        return example
