"""A receipt key also signs reports, and the key for bundles nothing else."""

import pytest

from ca.errors import PurposeError
from ca.keystore import FileKeystore
from ca.keystores.examination import examine
from ca.keystores.purposes import Purpose
from sealkit import statements, tokens
from tests.conformance.world import KEYS

KEYSTORE = FileKeystore(KEYS / "650000")


KEYS_BY_TYPE = {
    statements.REPORT: (Purpose.RECEIPT, "receipt"),
    statements.ARCHIVE: (Purpose.RECEIPT, "receipt"),
    statements.BUNDLE: (Purpose.TRUST_BUNDLE, "trust_bundle"),
}


def message(typ, key="receipt"):
    token = tokens.sign_token({"iat": 1}, KEYSTORE.signer(key), typ=typ)
    return token.rpartition(".")[0].encode()


@pytest.mark.parametrize("typ", KEYS_BY_TYPE)
def test_each_statement_is_what_its_key_signs(typ):
    purpose, key = KEYS_BY_TYPE[typ]
    examine(purpose, message(typ, key), KEYSTORE.certificate(key))


@pytest.mark.parametrize("typ", KEYS_BY_TYPE)
def test_a_statement_is_nothing_for_another_key(typ):
    own, key = KEYS_BY_TYPE[typ]
    for purpose in {Purpose.TOKEN, Purpose.RECEIPT, Purpose.TRUST_BUNDLE} - {own}:
        with pytest.raises(PurposeError):
            examine(purpose, message(typ, key), KEYSTORE.certificate(key))


def test_a_type_that_nobody_knows_is_not_signed():
    with pytest.raises(PurposeError):
        examine(Purpose.RECEIPT, message("yinxin-wish+jwt"), KEYSTORE.certificate("receipt"))
