"""The timestamp service (时间戳服务, RFC 3161 and GM/T 0033).

* A request that cannot be granted is answered by a refusal, never by an exception.
* When the clock is in doubt nothing is stamped.
* Serial numbers grow, see `ca.timestamp_serials`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ca.errors import UnsoundClockError
from sealkit.asn1 import algorithms, der, tsp
from sealkit.asn1.tsp import Failure, Status, TimestampRequest
from sealkit.errors import MalformedError
from sealkit.signer import Signer

ACCURACY: Final = timedelta(seconds=1)
DEVELOPMENT_POLICY: Final = "2.25.73035612565704759729667074049089304430"
"""A policy under the UUID arc, for tokens that prove nothing outside development."""


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """One key that stamps under one policy."""

    signer: Signer
    policy_oid: str
    clock_is_sound: Callable[[], bool]
    """Whether the clock is known to be within `accuracy` of UTC."""

    next_serial: Callable[[datetime], int]
    """Gives the number of a stamp made at a time, and none twice; see `ca.timestamp_serials`."""

    accuracy: timedelta = ACCURACY
    chain: Sequence[bytes] = ()
    """Certificates to send beside the service's own."""

    def answer(self, request: bytes, *, at: datetime) -> bytes:
        """Return the DER TimeStampResp to a DER TimeStampReq."""
        try:
            asked = tsp.parse_request(request)
        except MalformedError:
            return tsp.build_refusal(Status.REJECTION, Failure.BAD_DATA_FORMAT)
        failure = self._failure(asked)
        if failure is not None:
            return tsp.build_refusal(Status.REJECTION, failure)
        return self._stamp(asked, at)

    def token_for(self, message: bytes, *, at: datetime) -> bytes:
        """Return a DER token over `message`, with which a seal or PDF is stamped.

        The imprint is SM3 for an SM2 service, SHA-256 for an ECDSA one.

        Raises:
            UnsoundClockError: if the clock is in doubt.
        """
        if not self.clock_is_sound():
            raise UnsoundClockError("no timestamp while the clock is in doubt")
        algorithm = algorithms.digest_algorithm(self.signer)
        asked = TimestampRequest(
            imprint=algorithms.digest(algorithm, message),
            algorithm=algorithms.DIGEST_NAMES[algorithm],
            policy=None,
            nonce=None,
            wants_certificate=True,
            has_extensions=False,
        )
        answer = der.parse(self._stamp(asked, at), der.SEQUENCE).children()
        answer.take()  # the status, which is granted
        return answer.take(der.SEQUENCE).der

    def _failure(self, asked: TimestampRequest) -> Failure | None:
        if asked.algorithm not in tsp.ALGORITHMS:
            return Failure.BAD_ALGORITHM
        if asked.policy not in (None, self.policy_oid):
            return Failure.UNACCEPTED_POLICY
        if asked.has_extensions:
            return Failure.UNACCEPTED_EXTENSION
        if not self.clock_is_sound():
            return Failure.TIME_NOT_AVAILABLE
        return None

    def _stamp(self, asked: TimestampRequest, at: datetime) -> bytes:
        return tsp.build_response(
            asked,
            serial=self.next_serial(at),
            at=at,
            policy=self.policy_oid,
            signer=self.signer,
            accuracy=self.accuracy,
            chain=self.chain,
        )
