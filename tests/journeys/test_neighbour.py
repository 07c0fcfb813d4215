"""What another region can say of our licences, with and without news from us."""

from dataclasses import replace

import pytest

from mutual_recognition.store import RegionStore
from verification.trust import SnapshotStatus
from verification.verify import verify
from yinxin.peers import mirror_of


def test_another_region_verifies_and_recognises(home, neighbour, company):
    document = home.file(home.mint(company))
    assert neighbour.verify(document)["verdict"] == "valid"
    answer = neighbour.client().upload("/v1/recognitions", document).json
    assert answer["recognition"] == "recognised"


def test_the_trust_list_is_mirrored_over_http(home, tmp_path):
    root = home.context.publisher.root(home.context.now())
    store = RegionStore(tmp_path, root, region="650000")
    trust = store.refresh(mirror_of(home.address))
    assert trust.region == "650000"
    assert store.last_good() == trust


@pytest.mark.parametrize("asked", [True, False])
def test_without_a_status_list_nobody_says_valid(home, neighbour, company, asked):
    document = home.file(home.mint(company))
    store = neighbour.context.trust.store()
    bare = replace(store, regions=tuple(replace(r, status_tokens={}) for r in store.regions))
    report = verify(
        document,
        trust=bare,
        status=SnapshotStatus(bare) if asked else None,
        log=None,
        register=None,
        at=neighbour.context.now(),
    )
    assert report.to_dict()["verdict"] == "cannot_say"
