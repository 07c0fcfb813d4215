"""Keys in a cryptographic device, reached through PKCS#11.

* A key and its certificate carry the same label on the token; the label is the key's name.
* PKCS#11 has no numbers for SM2 that makers agree on, so mechanism and form come from the
  configuration. ECDSA P-256 is CKM_ECDSA over SHA-256 everywhere.
* Sessions are pooled. After the device was away, or forgot that we logged in, all are opened
  and logged in anew and the call is made once more.
* Whatever a device signs is verified before it is handed out, so a device that takes SM2 for
  something else is found at the first signature.

SoftHSM2, against which this is tested, makes keys on the SM2 curve but has no SM2 mechanism.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

import PyKCS11
from PyKCS11 import PyKCS11Error

from ca.errors import DeviceError, FaultySignatureError, SpentSecretError, UnknownKeyError
from ca.keystores.certificates import admitted
from ca.keystores.purposes import Purpose, chosen
from ca.keystores.secret import Secret
from sealkit import oids
from sealkit.asn1 import algorithms
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.errors import SealkitError
from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3
from sealkit.sm import signature as encodings
from sealkit.sm.sm2 import SPKI_PREFIX

MAX_IDLE_SESSIONS: Final = 8
_Result = TypeVar("_Result")
_LOST: Final = frozenset(
    {
        PyKCS11.CKR_SESSION_HANDLE_INVALID,
        PyKCS11.CKR_SESSION_CLOSED,
        PyKCS11.CKR_USER_NOT_LOGGED_IN,
        PyKCS11.CKR_TOKEN_NOT_PRESENT,
        PyKCS11.CKR_DEVICE_REMOVED,
        PyKCS11.CKR_KEY_HANDLE_INVALID,
        PyKCS11.CKR_OBJECT_HANDLE_INVALID,
    }
)
"""Results after which everything is opened anew."""


@dataclass(frozen=True, slots=True)
class SM2Mechanism:
    """How a maker's device signs with SM2."""

    number: int
    """CKM of the maker's, such as 0x80000100."""
    takes_digest: bool = True
    """Given e = SM3(Z‖M), 32 bytes; or else the message, and it computes Z by itself."""
    gives_der: bool = False
    """Answers with DER {r, s}; or else with r‖s."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where the keys are."""

    module: Path
    """The maker's shared library."""
    token: str
    """Label of the token."""
    sm2: SM2Mechanism | None = None
    """None for a device without SM2."""


@dataclass(frozen=True, slots=True)
class _Found:
    certificate: Certificate
    key: Any = field(repr=False)
    """Handle of the private key; holds for all sessions of this log-in."""


class Pkcs11Keystore:
    """The keys of one token."""

    def __init__(self, device: Device, pin: Secret, *, production: bool = False) -> None:
        """Log in; the PIN is this keystore's from now on, which needs it to log in anew.

        Raises:
            DeviceError: if the device cannot be reached, or refuses the PIN.
            DevelopmentKeyError: in production, if a certificate is marked DEV.
        """
        self._device = device
        self._pin = pin
        self._lock = threading.Lock()
        self._idle: list[Any] = []
        self._login: Any = None
        self._closed = False
        self._keys: Mapping[str, _Found] = MappingProxyType({})
        self._generation = 0
        self._library = _library(device.module)
        with self._lock:
            self._log_in()
        for name, found in self._keys.items():
            admitted(name, found.certificate, production=production)

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys that have a certificate on the token."""
        return tuple(sorted(self._keys))

    def certificate(self, name: str) -> Certificate:
        """Return the certificate of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
        """
        return self._found(name).certificate

    def signer(self, name: str, purpose: Purpose | None = None) -> "Pkcs11Signer":
        """Return the signer of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
            PurposeError: if the key is not for `purpose`.
            DeviceError: for an SM2 key, if the device is configured without SM2.
        """
        certificate = self.certificate(name)
        chosen(name, certificate, purpose)
        if certificate.spki.startswith(SPKI_PREFIX) and self._device.sm2 is None:
            raise DeviceError(f"the device is configured without SM2: {name} cannot sign")
        return Pkcs11Signer(self, name, certificate, self._device.sm2)

    def signed(self, name: str, mechanism: int, octets: bytes) -> bytes:
        """Return what the device makes of `octets`, unverified.

        Raises:
            UnknownKeyError: if the key is gone.
            DeviceError: if the device fails.
        """

        def sign(session: Any) -> bytes:
            key = self._found(name).key
            return bytes(session.sign(key, octets, PyKCS11.Mechanism(mechanism, None)))

        return self._done(sign)

    def close(self) -> None:
        """Close all sessions, log out and forget the PIN."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for session in (*idle, *([self._login] if self._login else [])):
                _close(session)
            self._login = None
        self._pin.wipe()

    def __reduce__(self) -> str:
        raise TypeError("a keystore does not travel")

    def _found(self, name: str) -> _Found:
        if name not in self._keys:
            raise UnknownKeyError(f"no key {name[:64]!r}")
        return self._keys[name]

    def _done(self, act: Callable[[Any], _Result]) -> _Result:
        """Do something in a session; after a loss, once more in a fresh one."""
        generation = self._generation
        try:
            return self._attempt(act)
        except PyKCS11Error as error:
            if error.value not in _LOST:
                raise DeviceError(f"the device fails: {_word(error)}") from None
        with self._lock:
            # The first thread that lost its session logs in for all.
            if generation == self._generation:
                self._log_in()
        try:
            return self._attempt(act)
        except PyKCS11Error as error:
            raise DeviceError(f"the device fails: {_word(error)}") from None

    def _attempt(self, act: Callable[[Any], _Result]) -> _Result:
        with self._lock:
            if self._closed:
                raise SpentSecretError("the keystore was closed")
            generation = self._generation
            session = self._idle.pop() if self._idle else None
            slot = self._slot() if session is None else None
        if session is None:
            session = self._library.openSession(slot)
        try:
            result = act(session)
        except BaseException:
            _close(session)
            raise
        with self._lock:
            fresh = generation == self._generation and not self._closed
            if fresh and len(self._idle) < MAX_IDLE_SESSIONS:
                self._idle.append(session)
                return result
        _close(session)
        return result

    def _log_in(self) -> None:
        """Open everything anew; called with the lock held."""
        idle, self._idle = self._idle, []
        for session in (*idle, *([self._login] if self._login else [])):
            _close(session)
        self._login = None
        try:
            session = self._library.openSession(self._slot())
            with self._pin.opened() as octets:
                _enter(session, octets.decode())
            self._login = session
            self._keys = _keys_on(session)
        except PyKCS11Error as error:
            # Without its cause: nothing of the PIN may travel with it.
            raise DeviceError(f"the device cannot be opened: {_word(error)}") from None
        self._generation += 1

    def _slot(self) -> int:
        for slot in self._library.getSlotList(tokenPresent=True):
            if self._library.getTokenInfo(slot).label.strip() == self._device.token:
                return int(slot)
        raise DeviceError(f"there is no token {self._device.token!r}")


class Pkcs11Signer:
    """One key of a device."""

    def __init__(
        self,
        keystore: Pkcs11Keystore,
        name: str,
        certificate: Certificate,
        sm2: SM2Mechanism | None,
    ) -> None:
        self._keystore = keystore
        self._name = name
        self._certificate = certificate
        self._sm2 = sm2 if certificate.spki.startswith(SPKI_PREFIX) else None

    @property
    def algorithm(self) -> str:
        """`SM2_SM3` or `ECDSA_P256_SHA256`."""
        return ECDSA_P256_SHA256 if self._sm2 is None else SM2_SM3

    @property
    def certificate_der(self) -> bytes:
        """The certificate of the key."""
        return self._certificate.der

    def sign(self, message: bytes) -> bytes:
        """Return r‖s over `message`.

        Raises:
            FaultySignatureError: if what the device made does not verify.
            DeviceError: if the device fails.
        """
        identifier = oids.ECDSA_WITH_SHA256 if self._sm2 is None else oids.SM2_WITH_SM3
        made = self._made(message)
        try:
            der = made if self._sm2 and self._sm2.gives_der else encodings.to_der(made)
            algorithms.verify(self._certificate.spki, identifier, der, message)
            return encodings.from_der(der)
        except SealkitError as error:
            raise FaultySignatureError(self._certificate.subject) from error

    def __reduce__(self) -> str:
        raise TypeError("a signer does not travel")

    def _made(self, message: bytes) -> bytes:
        if self._sm2 is None:
            digest = algorithms.digest(oids.SHA256, message)
            return self._keystore.signed(self._name, PyKCS11.CKM_ECDSA, digest)
        if self._sm2.takes_digest:
            message = self._certificate.sm2_key.digest(message)
        return self._keystore.signed(self._name, self._sm2.number, message)


def _library(module: Path) -> Any:
    library = PyKCS11.PyKCS11Lib()
    try:
        library.load(str(module))
    except PyKCS11Error as error:
        raise DeviceError("the device's library cannot be loaded") from error
    return library


def _enter(session: Any, pin: str) -> None:
    try:
        session.login(pin)
    except PyKCS11Error as error:
        # A log-in is for all sessions of a process: another keystore may have made it.
        if error.value != PyKCS11.CKR_USER_ALREADY_LOGGED_IN:
            raise


def _keys_on(session: Any) -> Mapping[str, _Found]:
    private = dict(_labelled(session, PyKCS11.CKO_PRIVATE_KEY))
    found = {}
    for name, handle in _labelled(session, PyKCS11.CKO_CERTIFICATE):
        if name in private:
            (octets,) = session.getAttributeValue(handle, [PyKCS11.CKA_VALUE])
            try:
                certificate = parse_certificate(bytes(octets))
            except SealkitError as error:
                raise DeviceError(f"the certificate of {name} cannot be read") from error
            found[name] = _Found(certificate, private[name])
    return MappingProxyType(found)


def _labelled(session: Any, kind: int) -> list[tuple[str, Any]]:
    found: dict[str, Any] = {}
    for handle in session.findObjects([(PyKCS11.CKA_CLASS, kind)]):
        (label,) = session.getAttributeValue(handle, [PyKCS11.CKA_LABEL])
        if label in found:
            raise DeviceError(f"two objects of the token are called {str(label)[:64]!r}")
        found[str(label)] = handle
    return list(found.items())


def _close(session: Any) -> None:
    try:
        session.closeSession()
    except PyKCS11Error:
        pass  # lost already


def _word(error: PyKCS11Error) -> str:
    return str(PyKCS11.CKR.get(error.value, error.value))
