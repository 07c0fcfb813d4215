"""What the routes of the certificate authority are given by the roof."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ca.log import TransparencyLog
from ca.revocation_answers.ports import RevocationServices
from ca.timestamp import TimestampAuthority


@dataclass(frozen=True, slots=True)
class CAServices:
    """The collaborators of `ca.routes`. Timestamps and OCSP answers are signed as asked for."""

    timestamps: Callable[[Session], TimestampAuthority]
    """The service, with serial numbers counted in the request's transaction."""

    ecdsa_timestamps: Callable[[Session], TimestampAuthority]
    """The same with ECDSA, for readers that know nothing else."""

    log: TransparencyLog
    revocation: RevocationServices
