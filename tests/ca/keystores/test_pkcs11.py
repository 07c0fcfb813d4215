"""Keys in a device: ECDSA with SoftHSM2, and what it cannot do for SM2."""

from concurrent.futures import ThreadPoolExecutor

import PyKCS11
import pytest

from ca.errors import DeviceError, FaultySignatureError, SpentSecretError
from ca.keystore import FileKeystore
from ca.keystores.pkcs11 import Device, Pkcs11Keystore, SM2Mechanism
from ca.keystores.secret import Secret
from sealkit.asn1.x509 import to_pem
from sealkit.sm import signature as encodings
from tests.ca.keystores import softhsm
from tests.ca.keystores.material import KEYS

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(softhsm.MODULE is None, reason="SoftHSM2 is not installed"),
]


@pytest.fixture(autouse=True)
def _token(token):
    pass


@pytest.fixture
def keystore():
    found = softhsm.opened()
    yield found
    found.close()


@pytest.mark.parametrize("name", softhsm.KEY_NAMES)
def test_openssl_verifies_what_the_device_signs(keystore, openssl, name):
    message = b"a message of some length"
    signature = keystore.signer(name).sign(message)
    key = openssl.file("key.pem", to_pem(keystore.certificate(name).spki, "PUBLIC KEY"))
    value = openssl.file("value", encodings.to_der(signature))
    done = openssl.run(
        *("dgst", "-sha256", "-verify", key, "-signature", value),
        openssl.file("message", message),
    )
    assert done.stdout.strip() == "Verified OK"


def test_only_keys_with_a_certificate_are_there(keystore):
    assert keystore.names() == softhsm.KEY_NAMES


def test_a_wrong_pin_is_refused_without_being_told():
    softhsm.close_all_sessions()
    with pytest.raises(DeviceError) as raised:
        softhsm.opened(pin="wrong pin")
    assert "wrong" not in str(raised.value)
    assert "CKR_PIN_INCORRECT" in str(raised.value)


def test_an_unknown_token_or_library_is_refused(tmp_path):
    with pytest.raises(DeviceError, match="no token"):
        Pkcs11Keystore(Device(softhsm.MODULE, "another"), Secret(bytearray(b"1234")))
    with pytest.raises(DeviceError, match="library"):
        Pkcs11Keystore(Device(tmp_path / "no.so", "another"), Secret(bytearray(b"1234")))


def test_after_all_sessions_were_lost_it_logs_in_anew(keystore):
    signer = keystore.signer("pdf_signer_ecdsa")
    signer.sign(b"before")
    softhsm.close_all_sessions()
    signer.sign(b"after")
    with ThreadPoolExecutor(6) as pool:
        softhsm.close_all_sessions()
        assert len(set(pool.map(signer.sign, [b"%d" % n for n in range(24)]))) == 24


def test_sessions_are_pooled(keystore):
    signer = keystore.signer("pdf_signer_ecdsa")
    for number in range(5):
        signer.sign(b"%d" % number)
    assert len(keystore._idle) == 1


def test_a_closed_keystore_signs_nothing_and_its_pin_is_wiped(keystore):
    signer = keystore.signer("pdf_signer_ecdsa")
    keystore.close()
    with pytest.raises(SpentSecretError):
        signer.sign(b"message")
    with pytest.raises(SpentSecretError), keystore._pin.opened():
        pass


def test_softhsm_has_no_mechanism_for_sm2():
    """SoftHSM 2.6 knows the curve, but neither SM2 nor SM3: SM2 cannot be shown with it."""
    library = PyKCS11.PyKCS11Lib()
    library.load(str(softhsm.MODULE))
    slot = library.getSlotList(tokenPresent=True)[0]
    names = [str(name) for name in library.getMechanismList(slot)]
    assert "CKM_ECDSA" in names
    assert not [name for name in names if "SM2" in name or "SM3" in name]


@pytest.fixture
def sm2_key():
    """A key made by the device on the SM2 curve, with somebody's SM2 certificate beside it."""

    def make(session):
        session.generateKeyPair(
            [
                (PyKCS11.CKA_TOKEN, PyKCS11.CK_TRUE),
                (PyKCS11.CKA_EC_PARAMS, softhsm.EC_PARAMS_SM2),
                (PyKCS11.CKA_LABEL, "receipt"),
            ],
            [
                (PyKCS11.CKA_TOKEN, PyKCS11.CK_TRUE),
                (PyKCS11.CKA_PRIVATE, PyKCS11.CK_TRUE),
                (PyKCS11.CKA_SIGN, PyKCS11.CK_TRUE),
                (PyKCS11.CKA_LABEL, "receipt"),
            ],
            mecha=PyKCS11.MechanismECGENERATEKEYPAIR,
        )
        der = FileKeystore(KEYS).certificate("receipt").der
        session.createObject(softhsm.certificate_template("receipt", der))

    def remove(session):
        for handle in session.findObjects([(PyKCS11.CKA_LABEL, "receipt")]):
            session.destroyObject(handle)

    softhsm.with_session(make)
    yield
    softhsm.with_session(remove)


@pytest.mark.usefixtures("sm2_key")
def test_without_a_mechanism_number_an_sm2_key_cannot_sign():
    keystore = softhsm.opened()
    assert "receipt" in keystore.names()
    with pytest.raises(DeviceError, match="without SM2"):
        keystore.signer("receipt")
    keystore.close()


@pytest.mark.usefixtures("sm2_key")
def test_the_configured_mechanism_is_what_the_device_is_asked_for():
    keystore = softhsm.opened(sm2=SM2Mechanism(0x80000100))
    with pytest.raises(DeviceError, match="CKR_MECHANISM_INVALID"):
        keystore.signer("receipt").sign(b"message")
    keystore.close()


@pytest.mark.usefixtures("sm2_key")
@pytest.mark.parametrize("gives_der", [False, True])
def test_a_device_that_signs_something_else_than_sm2_is_found_out(gives_der):
    """ECDSA on the SM2 curve is no SM2 signature, though it is 64 bytes over the same e."""
    keystore = softhsm.opened(sm2=SM2Mechanism(PyKCS11.CKM_ECDSA, gives_der=gives_der))
    with pytest.raises(FaultySignatureError):
        keystore.signer("receipt").sign(b"message")
    keystore.close()


def test_the_pin_is_in_no_repr(keystore):
    assert softhsm.PIN not in repr(vars(keystore)) + repr(keystore)
