"""Who may do what: roles and departments. Separation of duties is a rule, not a setting."""

from collections.abc import Mapping
from typing import Final

from issuance.errors import (
    IdentityRequiredError,
    NotEntitledError,
    SeparationOfDutiesError,
    UnknownDepartmentError,
)
from issuance.ports import Actor, Department

CLERK: Final = "clerk"
REVIEWER: Final = "reviewer"
OPERATOR: Final = "operator"
AUDITOR: Final = "auditor"
CASE_OFFICER: Final = "case_officer"
CASE_SYSTEM: Final = "case_system"
HOLDER: Final = "holder"
SEAL_KEEPER: Final = "seal_keeper"


def signed_in(actor: Actor | None) -> Actor:
    """Return the caller.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    if actor is None:
        raise IdentityRequiredError
    return actor


def require_role(actor: Actor, step: str, *roles: str) -> None:
    """Refuse `step` to whoever has none of `roles`.

    Raises:
        NotEntitledError: naming the step.
    """
    if actor.roles.isdisjoint(roles):
        raise NotEntitledError(step)


def require_other_person(actor: Actor, step: str, earlier: Mapping[str, str | None]) -> None:
    """Refuse `step` to whoever did an earlier one; `earlier` is step → account.

    Raises:
        SeparationOfDutiesError: naming both steps.
    """
    for done, account in earlier.items():
        if account == actor.id:
            raise SeparationOfDutiesError(step, done)


def department_of(departments: Mapping[str, Department], actor: Actor) -> Department:
    """Return the caller's own department.

    Raises:
        UnknownDepartmentError: if it issues nothing here.
    """
    department = departments.get(actor.department)
    if department is None:
        raise UnknownDepartmentError
    return department
