"""The people around an authority, and a session that does what they ask."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ca.enrolment import decisions, issuing, submitting
from ca.enrolment.model import Submission
from ca.enrolment.ports import EnrolmentServices
from sealkit.asn1 import certificate_builder
from sealkit.asn1.certification_request import build_request
from sealkit.asn1.x509 import parse_certificate

SUBJECT = {"C": "CN", "O": "示例市市场监督管理局", "CN": "电子证照专用章"}
POLICY = "1.2.156.10197.99.1"


@dataclass(frozen=True)
class Person:
    id: str
    roles: frozenset[str]
    department: str = ""


OPERATOR = Person("operator", frozenset({"ca_operator"}))
FIRST = Person("first", frozenset({"ca_approver"}))
SECOND = Person("second", frozenset({"ca_approver"}))
DEPARTMENT = Person("department", frozenset({"ca_requester"}), "11650000PRJ000654L")
NOBODY = Person("nobody", frozenset({"clerk"}), "11650000PRJ000654L")


@dataclass
class Trail:
    acts: list = field(default_factory=list)

    def record(self, session, *, actor, act, subject, at, detail):
        self.acts.append((actor, act, subject))


@dataclass
class Office:
    """Brings requests and decides about them, in one session."""

    session: Session
    services: EnrolmentServices
    at: object
    sent: int = 0

    def submit(self, submission, person=OPERATOR, key=None, at=None):
        self.sent += 1
        return submitting.submit(
            self.session,
            self.services,
            submission,
            idempotency_key=key or f"request-{self.sent:04d}",
            person=person,
            at=at or self.at,
        )

    def approve(self, enrolment, person, at=None, **said):
        found = decisions.approve(
            self.session, self.services, enrolment.key, person=person, at=at or self.at, **said
        )
        self.session.commit()
        return (
            issuing.finish_if_possible(self.session, self.services, enrolment.key, at=at or self.at)
            if found.serial
            else found
        )

    def issue(self, submission, at=None, **said):
        """Go the whole way and return the certificate."""
        enrolment = self.submit(submission, at=at)
        for person in (FIRST, SECOND)[: enrolment.approvals_needed]:
            found = self.approve(enrolment, person, at=at, **said)
        assert found.state == "issued"
        return self.certificate(found)

    def certificate(self, enrolment):
        return parse_certificate(
            issuing.certificate_of(self.session, enrolment.key, person=OPERATOR)
        )


def asked(key, purpose="seal_signer", subject=None, **more):
    """Return a submission for `key`."""
    name = certificate_builder.name(subject or SUBJECT)
    return Submission(purpose=purpose, request=build_request(name, key), **more)
