"""An authority of the development region with some certificates, and who answers for it."""

import pytest

from ca import register
from ca.revocation_answers.responder import AnsweredAuthority, Responder

LEAVES = ("receipt", "log", "seal_signer_land", "token")


@pytest.fixture
def serials(session, keystore, at):
    """Enrol leaves of the development region; their serial numbers, in rising order."""
    found = []
    for name in LEAVES:
        certificate = keystore.certificate(name)
        register.enrol(
            session, authority_name="sub_ca", purpose="any", certificate=certificate, at=at
        )
        found.append(certificate.serial)
    session.commit()
    return sorted(found)


@pytest.fixture
def sub_ca(keystore):
    return keystore.certificate("sub_ca")


@pytest.fixture
def authority(keystore, sub_ca):
    return AnsweredAuthority("sub_ca", sub_ca, keystore.signer("ocsp"))


@pytest.fixture
def responder(authority):
    return Responder([authority])
