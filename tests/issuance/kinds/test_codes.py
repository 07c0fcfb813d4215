"""A placeholder code is replaced by the national one in the kind's file, and nothing else."""

from issuance.licence_record import record_of
from issuance.model import kind_of_code, load_kinds
from tests.issuance.kinds.samples import sample
from tests.issuance.test_mint import file_of, judged
from tests.issuance.world import AT, Reliances, open_services
from verification.report import Verdict

PLACEHOLDER, NATIONAL = "11100000PRJ000048P901", "11100000PRJ000048P001"


def test_licences_with_the_code_of_before_stay_valid_and_new_ones_carry_the_new(
    one_office, keystore, tmp_path, monkeypatch
):
    earlier = one_office.mint("degree_certificate", sample("degree_certificate"), "key-earlier")
    kinds = dict(load_kinds())
    kinds["degree_certificate"] = kinds["degree_certificate"].model_copy(
        update={"code": NATIONAL, "aliases": (PLACEHOLDER,), "code_status": "confirmed"}
    )
    monkeypatch.setattr("tests.issuance.world.load_kinds", lambda: kinds)
    later = open_services(tmp_path, keystore, one_office.database, Reliances())
    world = one_office.with_services(kinds=kinds, trust=later.trust)
    data = sample("degree_certificate")
    data["fields"]["cert_no"] = "1075542026000999"
    fresh = world.mint("degree_certificate", data, "key-after")
    for edition, code in ((earlier, PLACEHOLDER), (fresh, NATIONAL)):
        record = record_of(world.services.vault, edition)
        assert record.kind_code == code
        assert code in record.identifier
        assert kind_of_code(kinds, code).name == "degree_certificate"
        for form in ("ofd", "pdf", "code.txt"):
            report = judged(world, file_of(world, edition, form), AT)
            assert report.verdict is Verdict.VALID, report.to_dict()["findings"]
