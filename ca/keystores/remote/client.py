"""The asking half: a keystore whose keys are in another process.

* Every signature is verified before it is returned, with the certificate known since the start.
* A request that failed on the way is asked again, once, on a new connection and under the same
  number, so the signer gives the same answer; a whole request has one time limit.
* When the signer was started anew, connections are made anew. Should it then have another
  certificate for a key, nothing is signed until this process is started anew too.
"""

import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from ca.errors import (
    CAError,
    FaultySignatureError,
    KeyMismatchError,
    PurposeError,
    RequestReusedError,
    SignerBusyError,
    SignerRefusedError,
    SignerUnavailableError,
    SpentSecretError,
    UnknownKeyError,
)
from ca.keystores.certificates import admitted
from ca.keystores.purposes import Purpose, chosen
from ca.keystores.remote.wire import REQUEST_ID_BYTES, SIGNATURE_BYTES, read_frame, to_frame
from ca.keystores.use_log import Head
from sealkit import oids
from sealkit.asn1 import algorithms
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.errors import MalformedError, SealkitError
from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3
from sealkit.sm import signature as encodings
from sealkit.sm.sm2 import SPKI_PREFIX

LIMIT: Final = timedelta(seconds=10)
ATTEMPTS: Final = 2
MAX_IDLE_CONNECTIONS: Final = 8
_REFUSALS: Final[Mapping[str, type[CAError]]] = {
    kind.code: kind
    for kind in (
        PurposeError,
        UnknownKeyError,
        SignerBusyError,
        RequestReusedError,
        FaultySignatureError,
    )
}


class RemoteKeystore:
    """The keys of a signer process."""

    def __init__(
        self,
        path: Path,
        *,
        stopwatch: Callable[[], float],
        limit: timedelta = LIMIT,
        production: bool = False,
    ) -> None:
        """Connect to the socket at `path` and learn its certificates.

        `stopwatch` tells seconds that only ever grow; a request takes `limit` at most.

        Raises:
            SignerUnavailableError: if no signer answers there in time.
            DevelopmentKeyError: in production, if a certificate is marked DEV.
        """
        self._path = path
        self._stopwatch = stopwatch
        self._limit = limit.total_seconds()
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []
        self._closed = False
        self._certificates: dict[str, Certificate] = {}
        self._give_back(self._connected(self._stopwatch() + self._limit))
        for name, certificate in self._certificates.items():
            admitted(name, certificate, production=production)

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys."""
        return tuple(sorted(self._certificates))

    def certificate(self, name: str) -> Certificate:
        """Return the certificate of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
        """
        if name not in self._certificates:
            raise UnknownKeyError(f"no key {name[:64]!r}")
        return self._certificates[name]

    def signer(self, name: str, purpose: Purpose | None = None) -> "RemoteSigner":
        """Return the signer of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
            PurposeError: if the key is not for `purpose`.
        """
        certificate = self.certificate(name)
        return RemoteSigner(self, name, chosen(name, certificate, purpose), certificate)

    def use_log_head(self) -> Head:
        """Return how the signer's log of uses ends, to be kept where the signer cannot write.

        Raises:
            SignerUnavailableError: if the signer does not answer in time.
        """
        answer = self._asked({"do": "head"})
        sequence, digest = answer.get("sequence"), answer.get("digest")
        if type(sequence) is not int or not isinstance(digest, str):
            raise SignerUnavailableError("the signer does not say how its log ends")
        return Head(sequence, digest)

    def signature(self, name: str, purpose: Purpose, message: bytes) -> bytes:
        """Return r‖s over `message`, not yet verified.

        Raises:
            SignerUnavailableError: if the signer does not answer in time.
            CAError: as the signer refuses.
        """
        answer = self._asked(
            {
                "do": "sign",
                "id": secrets.token_bytes(REQUEST_ID_BYTES),
                "key": name,
                "purpose": purpose.value,
                "message": message,
            }
        )
        signature = answer.get("signature")
        if isinstance(signature, bytes) and len(signature) == SIGNATURE_BYTES:
            return signature
        raise FaultySignatureError(f"the signer gave no signature of {name}")

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __reduce__(self) -> str:
        raise TypeError("a keystore does not travel")

    def _asked(self, members: Mapping[str, Any]) -> dict[str, Any]:
        frame = to_frame(members)
        deadline = self._stopwatch() + self._limit
        connection = self._taken()
        for attempt in range(ATTEMPTS):
            try:
                connection = connection or self._connected(deadline)
                answer = _exchange(connection, frame, self._left(deadline))
            except (OSError, MalformedError) as error:
                if connection is not None:
                    connection.close()
                connection = None
                # Those that lie idle are as old as the one that failed.
                self._drop_idle()
                if attempt + 1 == ATTEMPTS or isinstance(error, TimeoutError):
                    raise SignerUnavailableError("the signer does not answer") from error
            else:
                self._give_back(connection)
                _raise_refusal(answer)
                return answer
        raise SignerUnavailableError("the signer does not answer")

    def _left(self, deadline: float) -> Callable[[], float]:
        def left() -> float:
            seconds = deadline - self._stopwatch()
            if seconds <= 0:
                raise TimeoutError("the time of this request is over")
            return seconds

        return left

    def _connected(self, deadline: float) -> socket.socket:
        """Return a new connection to a signer whose certificates are those we know."""
        left = self._left(deadline)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(left())
            connection.connect(str(self._path))
            found = _certificates(_exchange(connection, to_frame({"do": "list"}), left))
        except (OSError, MalformedError) as error:
            connection.close()
            raise SignerUnavailableError("no signer answers") from error
        with self._lock:
            changed = [
                name
                for name, certificate in self._certificates.items()
                if name not in found or found[name].der != certificate.der
            ]
            if not changed:
                self._certificates = found
        if changed:
            connection.close()
            raise KeyMismatchError("the signer has other certificates now: start anew")
        return connection

    def _taken(self) -> socket.socket | None:
        with self._lock:
            if self._closed:
                raise SpentSecretError("the keystore was closed")
            return self._idle.pop() if self._idle else None

    def _give_back(self, connection: socket.socket) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < MAX_IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


class RemoteSigner:
    """One key of the signer process, for one purpose."""

    def __init__(
        self, keystore: RemoteKeystore, name: str, purpose: Purpose, certificate: Certificate
    ) -> None:
        self._keystore = keystore
        self._name = name
        self._purpose = purpose
        self._certificate = certificate
        is_sm2 = certificate.spki.startswith(SPKI_PREFIX)
        self._algorithm = SM2_SM3 if is_sm2 else ECDSA_P256_SHA256
        self._identifier = oids.SM2_WITH_SM3 if is_sm2 else oids.ECDSA_WITH_SHA256

    @property
    def algorithm(self) -> str:
        """`SM2_SM3` or `ECDSA_P256_SHA256`."""
        return self._algorithm

    @property
    def certificate_der(self) -> bytes:
        """The certificate of the key."""
        return self._certificate.der

    def sign(self, message: bytes) -> bytes:
        """Return r‖s over `message`.

        Raises:
            FaultySignatureError: if what the signer gave does not verify.
            SignerUnavailableError: if the signer does not answer in time.
            PurposeError: if the signer finds that this is not for this key.
            SignerBusyError: if more was asked for than it allows.
        """
        made = self._keystore.signature(self._name, self._purpose, message)
        try:
            der = encodings.to_der(made)
            algorithms.verify(self._certificate.spki, self._identifier, der, message)
        except SealkitError as error:
            raise FaultySignatureError(self._certificate.subject) from error
        return made

    def __reduce__(self) -> str:
        raise TypeError("a signer does not travel")


def _exchange(connection: socket.socket, frame: bytes, left: Callable[[], float]) -> dict[str, Any]:
    connection.settimeout(left())
    connection.sendall(frame)

    def receive(length: int) -> bytes:
        connection.settimeout(left())  # of the whole, however slowly it drips
        return connection.recv(length)

    answer = read_frame(receive)
    if answer is None:
        raise ConnectionResetError("the signer hung up")
    return answer


def _certificates(answer: Mapping[str, Any]) -> dict[str, Certificate]:
    keys = answer.get("keys")
    if not isinstance(keys, list):
        raise MalformedError("the signer lists no keys")
    found = {}
    for entry in keys:
        if not isinstance(entry, dict) or not isinstance(entry.get("certificate"), bytes):
            raise MalformedError("the signer lists something else than keys")
        found[str(entry.get("name"))] = parse_certificate(entry["certificate"])
    return found


def _raise_refusal(answer: Mapping[str, Any]) -> None:
    code = answer.get("refused")
    if code is not None:
        kind = _REFUSALS.get(str(code), SignerRefusedError)
        raise kind(f"the signer refuses: {code}")
