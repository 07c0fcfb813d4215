"""What the signer does with a request: it decides for itself what its keys sign.

In this order: is the request one it has answered (then the same answer again), may this
socket ask for this, is the key for that, is there a use left, is the message of the right
form. Only then is it signed. Every use is in the log before it is answered; refusals too, as
long as they are no flood.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ca.errors import CAError, PurposeError, RequestReusedError, SignerRefusedError
from ca.keystore import Keystore
from ca.keystores.examination import examine
from ca.keystores.purposes import Purpose, purposes_of
from ca.keystores.remote.limits import Limits
from ca.keystores.remote.wire import SignRequest, parse_sign
from ca.keystores.use_log import SIGNED, Use, UseLog
from sealkit.errors import MalformedError, SealkitError
from sealkit.sm import sm3

KEPT_ANSWERS: Final = 10_000
"""A client asks again within seconds; this many answers are kept for it."""

Grants = Mapping[str, frozenset[Purpose]]


@dataclass(frozen=True, slots=True)
class Caller:
    """The process at the other end, as the kernel names it."""

    uid: int
    pid: int


@dataclass(frozen=True, slots=True)
class _Answer:
    asked: bytes
    """SM3 over key, purpose and message."""
    signature: bytes = field(repr=False)


def default_grants(keystore: Keystore) -> dict[str, frozenset[Purpose]]:
    """Return what a socket may ask for unless the operator says otherwise.

    Everything that the keys are for but certificates: no page of the web server issues them,
    so a stolen web server must not.
    """
    return {
        name: frozenset(purposes_of(name, keystore.certificate(name))) - {Purpose.CERTIFICATE}
        for name in keystore.names()
    }


class Desk:
    """Answers requests; many threads may come at once."""

    def __init__(
        self,
        keystore: Keystore,
        log: UseLog,
        *,
        grants: Grants,
        limits: Limits,
        clock: Callable[[], datetime],
        answered: Iterable[Use] = (),
    ) -> None:
        """Serve the keys of `keystore` as far as `grants` go.

        `answered` are uses of an earlier run, so that what was asked then and is asked again
        gets the answer of then.
        """
        self._keystore = keystore
        self._log = log
        self._grants = grants
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, _Answer] = OrderedDict()
        self._under_way: dict[bytes, threading.Lock] = {}
        for use in answered:
            asked = _asked(use.key, use.purpose, bytes.fromhex(use.message))
            self._keep(bytes.fromhex(use.request), _Answer(asked, bytes.fromhex(use.signature)))

    def answer(self, members: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Return the answer to one frame; a refusal is an answer too.

        Raises:
            MalformedError: if it is no request: whoever sends such a thing is hung up on.
            UseLogError: if the log cannot be written; nothing is signed then.
        """
        if members == {"do": "list"}:
            return self._list()
        if members == {"do": "head"}:
            head = self._log.head
            return {"sequence": head.sequence, "digest": head.digest}
        if members.get("do") != "sign":
            raise MalformedError("nothing that a signer does")
        request = parse_sign(members)
        try:
            return {"signature": self._once(request, caller)}
        except CAError as error:
            code = error.code
        except SealkitError:
            code = SignerRefusedError.code  # the machine fails, not the request
        if self._limits.may_note_refusal():
            self._log.append(self._use(request, caller, code))
        return {"refused": code}

    def _list(self) -> dict[str, Any]:
        return {
            "keys": [
                {"name": name, "certificate": self._keystore.certificate(name).der}
                for name in self._keystore.names()
                if name in self._grants
            ]
        }

    def _once(self, request: SignRequest, caller: Caller) -> bytes:
        """Sign, or give the answer that this request had before."""
        asked = _asked(request.key, request.purpose, sm3.digest(request.message))
        with self._lock:
            alone = self._under_way.setdefault(request.id, threading.Lock())
        try:
            with alone:
                kept = self._answers.get(request.id)
                if kept is None:
                    signature = self._sign(request, caller)
                    with self._lock:
                        self._keep(request.id, _Answer(asked, signature))
                    return signature
        finally:
            with self._lock:
                self._under_way.pop(request.id, None)
        if kept.asked != asked:
            raise RequestReusedError("this request number had another request")
        return kept.signature

    def _sign(self, request: SignRequest, caller: Caller) -> bytes:
        certificate = self._keystore.certificate(request.key)
        if request.purpose not in self._grants.get(request.key, frozenset()):
            raise PurposeError(f"nobody here may sign {request.purpose.value} with {request.key}")
        signer = self._keystore.signer(request.key, request.purpose)
        self._limits.take(request.key, request.purpose)
        examine(request.purpose, request.message, certificate)
        signature = signer.sign(request.message)
        self._log.append(self._use(request, caller, SIGNED, signature.hex()))
        return signature

    def _use(self, request: SignRequest, caller: Caller, outcome: str, signature: str = "") -> Use:
        return Use(
            at=self._clock().isoformat(),
            uid=caller.uid,
            pid=caller.pid,
            key=request.key,
            purpose=request.purpose.value,
            request=request.id.hex(),
            message=sm3.digest(request.message).hex(),
            outcome=outcome,
            signature=signature,
        )

    def _keep(self, identifier: bytes, answer: _Answer) -> None:
        self._answers[identifier] = answer
        if len(self._answers) > KEPT_ANSWERS:
            self._answers.popitem(last=False)


def _asked(key: str, purpose: str, digest: bytes) -> bytes:
    return sm3.digest(f"{key}\n{purpose}\n".encode() + digest)
