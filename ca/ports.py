"""What the routes of the certificate authority are given by the roof."""

from dataclasses import dataclass

from ca.log import TransparencyLog
from ca.revocation_answers.ports import RevocationServices
from ca.timestamp import TimestampAuthority


@dataclass(frozen=True, slots=True)
class CAServices:
    """The collaborators of `ca.routes`. Timestamps and OCSP answers are signed as asked for."""

    timestamps: TimestampAuthority
    ecdsa_timestamps: TimestampAuthority
    """The same with ECDSA, for readers that know nothing else."""

    log: TransparencyLog
    revocation: RevocationServices
