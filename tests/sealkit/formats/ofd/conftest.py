"""A small OFD, a seal and its keys, made once for these tests."""

import pytest

from sealkit.asn1.ses import build_seal
from sealkit.formats.ofd.container import write_package
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.signatures import read_signatures
from sealkit.formats.ofd.signing import seal_package
from tests.sealkit.asn1.identities import sm2_identity
from tests.sealkit.formats.ofd.builder import AT, STAMP, licence_entries, seal_info


@pytest.fixture
def entries():
    """Name → content of a sound document; a dict of its own for each test."""
    return licence_entries()


@pytest.fixture(scope="session")
def unsealed():
    return write_package(licence_entries())


@pytest.fixture(scope="session")
def signer():
    return sm2_identity("测试市场监督管理局")


@pytest.fixture(scope="session")
def seal_der(signer):
    return build_seal(seal_info(signer.certificate_der), sm2_identity("测试制章者"))


@pytest.fixture(scope="session")
def seal(seal_der, signer):
    """Seal a document (bytes or entries) as a department would."""

    def apply(document, **options):
        if isinstance(document, dict):
            document = write_package(document)
        arguments = {"seal_der": seal_der, "signer": signer, "at": AT, "stamp": STAMP}
        return seal_package(document, **arguments | options)

    return apply


@pytest.fixture(scope="session")
def sealed(seal, unsealed):
    return seal(unsealed)


@pytest.fixture(scope="session")
def problems_of():
    """Return the codes of the problems of a document given by its entries."""

    def codes(entries):
        return [code for code, _ in read_document(write_package(entries)).problems]

    return codes


@pytest.fixture(scope="session")
def seals_of():
    """Return the seals found in a document (bytes or entries)."""

    def found(document):
        if isinstance(document, dict):
            document = write_package(document)
        return read_signatures(read_document(document)).seals

    return found
