"""A receipt key also signs reports and bundles, and neither as anything else."""

import pytest

from ca.errors import PurposeError
from ca.keystore import FileKeystore
from ca.keystores.examination import examine
from ca.keystores.purposes import Purpose
from sealkit import statements, tokens
from tests.conformance.world import KEYS

KEYSTORE = FileKeystore(KEYS / "650000")


def message(typ):
    token = tokens.sign_token({"iat": 1}, KEYSTORE.signer("receipt"), typ=typ)
    return token.rpartition(".")[0].encode()


@pytest.mark.parametrize("typ", [statements.REPORT, statements.BUNDLE])
def test_a_statement_is_what_a_receipt_key_signs(typ):
    examine(Purpose.RECEIPT, message(typ), KEYSTORE.certificate("receipt"))


@pytest.mark.parametrize("typ", [statements.REPORT, statements.BUNDLE])
def test_a_statement_is_no_access_token(typ):
    with pytest.raises(PurposeError):
        examine(Purpose.TOKEN, message(typ), KEYSTORE.certificate("receipt"))


def test_a_type_that_nobody_knows_is_not_signed():
    with pytest.raises(PurposeError):
        examine(Purpose.RECEIPT, message("yinxin-wish+jwt"), KEYSTORE.certificate("receipt"))
