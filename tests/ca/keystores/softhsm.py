"""A token of SoftHSM2 with development keys on it."""

import os
import subprocess
from pathlib import Path

import PyKCS11

from ca.keystore import FileKeystore
from ca.keystores.pkcs11 import Device, Pkcs11Keystore
from ca.keystores.secret import Secret
from tests.ca.keystores.material import KEYS

MODULES = (Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib64/libsofthsm2.so"))
MODULE = next((module for module in MODULES if module.exists()), None)
PIN = "4711 0815"
TOKEN = "yinxin test"
KEY_NAMES = ("ecdsa_root", "pdf_signer_ecdsa", "timestamp_ecdsa")
EC_PARAMS_SM2 = bytes.fromhex("06082a811ccf5501822d")


def make_token(directory):
    """Make a token in `directory` with the ECDSA development keys and their certificates."""
    configuration = directory / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {directory}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    util("--init-token", "--free", "--label", TOKEN, "--so-pin", "12345678", "--pin", PIN)
    for number, name in enumerate(KEY_NAMES, start=1):
        key = KEYS / f"{name}.key.pem"
        wanted = ("--label", name, "--id", f"{number:02x}", "--token", TOKEN, "--pin", PIN)
        util("--import", str(key), *wanted)
    with_session(_add_certificates)


def with_session(act):
    """Do something in a session of the user's."""
    library = PyKCS11.PyKCS11Lib()
    library.load(str(MODULE))
    slot = next(
        slot
        for slot in library.getSlotList(tokenPresent=True)
        if library.getTokenInfo(slot).label.strip() == TOKEN
    )
    session = library.openSession(slot, PyKCS11.CKF_SERIAL_SESSION | PyKCS11.CKF_RW_SESSION)
    try:
        session.login(PIN)
    except PyKCS11.PyKCS11Error as error:
        if error.value != PyKCS11.CKR_USER_ALREADY_LOGGED_IN:
            raise
    try:
        return act(session)
    finally:
        session.closeSession()


def close_all_sessions():
    """What a device does to us that was pulled out and put back."""
    library = PyKCS11.PyKCS11Lib()
    library.load(str(MODULE))
    for slot in library.getSlotList(tokenPresent=True):
        library.closeAllSessions(slot)


def certificate_template(name, der):
    return [
        (PyKCS11.CKA_CLASS, PyKCS11.CKO_CERTIFICATE),
        (PyKCS11.CKA_CERTIFICATE_TYPE, PyKCS11.CKC_X_509),
        (PyKCS11.CKA_TOKEN, PyKCS11.CK_TRUE),
        (PyKCS11.CKA_LABEL, name),
        (PyKCS11.CKA_SUBJECT, b"\x30\x00"),
        (PyKCS11.CKA_VALUE, der),
    ]


def opened(*, pin=PIN, production=False, **options):
    secret = Secret(bytearray(pin.encode()))
    return Pkcs11Keystore(Device(MODULE, TOKEN, **options), secret, production=production)


def util(*arguments):
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


def _add_certificates(session):
    keystore = FileKeystore(KEYS)
    for name in KEY_NAMES:
        session.createObject(certificate_template(name, keystore.certificate(name).der))
