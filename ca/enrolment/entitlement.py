"""Who may bring requests, who may decide, and who sees what."""

from typing import Final

from ca.enrolment.model import Enrolment
from ca.enrolment.ports import Person
from ca.errors import IdentityRequiredError, NotEntitledError, UnknownEnrolmentError

OPERATOR: Final = "ca_operator"
"""Brings requests for anybody."""
REQUESTER: Final = "ca_requester"
"""Brings requests of the own department, and sees those alone."""
APPROVER: Final = "ca_approver"
AUDITOR: Final = "auditor"
_SEES_ALL: Final = frozenset({OPERATOR, APPROVER, AUDITOR})


def signed_in(person: Person | None) -> Person:
    """Return the caller.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    if person is None:
        raise IdentityRequiredError("sign in to see enrolments")
    return person


def require_submitter(person: Person) -> None:
    """Refuse whoever may not bring requests.

    Raises:
        NotEntitledError: if the caller is neither operator nor requester of a department.
    """
    if OPERATOR in person.roles or (REQUESTER in person.roles and person.department):
        return
    raise NotEntitledError(f"{person.id} may not ask for certificates")


def require_approver(person: Person) -> None:
    """Refuse whoever may not decide.

    Raises:
        NotEntitledError: if the caller is no approver.
    """
    if APPROVER not in person.roles:
        raise NotEntitledError(f"{person.id} may not decide about certificates")


def department_seen(person: Person) -> str | None:
    """Return the department whose enrolments the caller sees; None for all of them.

    Raises:
        NotEntitledError: if the caller sees none.
    """
    if person.roles & _SEES_ALL:
        return None
    require_submitter(person)
    return person.department


def require_sight(person: Person, enrolment: Enrolment) -> None:
    """Refuse an enrolment of another department as if there were none.

    Raises:
        NotEntitledError: if the caller sees none at all.
        UnknownEnrolmentError: if it is another department's.
    """
    department = department_seen(person)
    if department is not None and enrolment.department != department:
        raise UnknownEnrolmentError(str(enrolment.key))
