"""What every keystore keeps, whatever it is made of."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ca.errors import DevelopmentKeyError, PurposeError, UnknownKeyError
from ca.keystore import FileKeystore, Purpose
from ca.keystores import sealing, shares
from ca.keystores.purposes import purposes_of
from ca.keystores.recorded import RecordedKeystore, SharedUseLog
from ca.keystores.sealed import SealedKeystore
from sealkit.asn1 import algorithms
from sealkit.sm import signature as encodings
from tests.ca.keystores import softhsm
from tests.ca.keystores.material import KEYS, PASSPHRASE, shows
from tests.ca.keystores.messages import messages
from tests.ca.keystores.serving import connected, every_purpose, serving


def files(_request, production=False):
    return FileKeystore(KEYS, production=production)


def sealed(request, production=False):
    file = request.getfixturevalue("sealed_file")
    return SealedKeystore(file, sealing.passphrase_from(PASSPHRASE), production=production)


def sealed_with_shares(request, production=False):
    file, made = request.getfixturevalue("shared")
    passphrase = shares.combine([made.shares[i] for i in (4, 0, 2)], made.known)
    return SealedKeystore(file, passphrase, production=production)


def remote(request, production=False):
    """A real signer process's inside, in a thread, over a real socket."""
    keystore = FileKeystore(KEYS)
    directory = Path(request.getfixturevalue("enterable").enter_context(TemporaryDirectory()))
    path = request.getfixturevalue("enterable").enter_context(
        serving(directory, keystore, grants=every_purpose(keystore))
    )
    return connected(path, production=production)


def pkcs11(request, production=False):
    """SoftHSM2, which signs with ECDSA only."""
    request.getfixturevalue("token")
    return softhsm.opened(production=production)


def recorded(request, production=False):
    directory = Path(request.getfixturevalue("enterable").enter_context(TemporaryDirectory()))
    inner = FileKeystore(KEYS, production=production)
    return RecordedKeystore(inner, SharedUseLog(directory), lambda: datetime.now(UTC))


KINDS = (files, sealed, sealed_with_shares, remote, pkcs11, recorded)


@pytest.fixture(scope="module")
def enterable():
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def opening(request):
    """Open one kind of keystore with the development keys in it."""
    return lambda **options: request.param(request, **options)


@pytest.fixture(scope="module")
def store(opening):
    keystore = opening()
    yield keystore
    keystore.close()


def test_names_are_sorted_and_each_has_a_certificate(store):
    names = store.names()
    assert {"ecdsa_root", "pdf_signer_ecdsa", "timestamp_ecdsa"} <= set(names)
    assert list(names) == sorted(names)
    for name in names:
        assert "DEV" in store.certificate(name).subject


def test_every_key_signs_for_each_of_its_purposes(store):
    signed = set()
    for name, purpose, message in messages():
        if name not in store.names():
            continue
        signer, certificate = store.signer(name, purpose), store.certificate(name)
        signature = signer.sign(message)
        assert len(signature) == 64
        assert signer.certificate_der == certificate.der
        algorithm = algorithms.signature_algorithm(signer)
        algorithms.verify(certificate.spki, algorithm, encodings.to_der(signature), message)
        signed.add((name, purpose))
    everything = {
        (name, purpose)
        for name in store.names()
        for purpose in purposes_of(name, store.certificate(name))
    }
    # Certificates of every authority would be more of the same.
    assert everything - signed <= {("ecdsa_root", Purpose.CERTIFICATE)}


@pytest.mark.parametrize("name", ["ecdsa_root", "timestamp_ecdsa", "pdf_signer_ecdsa"])
def test_no_key_signs_for_a_purpose_that_is_not_its_own(store, name):
    own = purposes_of(name, store.certificate(name))
    for purpose in set(Purpose) - set(own):
        with pytest.raises(PurposeError):
            store.signer(name, purpose)


@pytest.mark.parametrize("name", ["nobody", "../650000/receipt", "", "Receipt", "a" * 5000])
def test_an_unknown_name_is_refused(store, name):
    with pytest.raises(UnknownKeyError):
        store.signer(name)
    with pytest.raises(UnknownKeyError):
        store.certificate(name)


def test_development_keys_are_refused_in_production(opening):
    with pytest.raises(DevelopmentKeyError):
        opening(production=True)


@pytest.mark.parametrize("name", ["ecdsa_root", "pdf_signer_ecdsa"])
def test_neither_keystore_nor_signer_shows_or_sends_a_key(store, name):
    signer = store.signer(name)
    for value in (store, signer, vars(store), vars(signer)):
        assert not shows(repr(value), name)
    with pytest.raises(TypeError):
        pickle.dumps(signer)
    with pytest.raises(TypeError):
        copy.deepcopy(signer)


def test_many_threads_may_sign_at_once(store):
    signer = store.signer("timestamp_ecdsa")
    (message,) = {text for name, _, text in messages() if name == "timestamp_ecdsa"}
    with ThreadPoolExecutor(8) as pool:
        for signature in pool.map(signer.sign, [message] * 40):
            der = encodings.to_der(signature)
            spki = store.certificate("timestamp_ecdsa").spki
            algorithms.verify(spki, algorithms.signature_algorithm(signer), der, message)
