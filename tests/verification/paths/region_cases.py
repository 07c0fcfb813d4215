"""Cross certificates between regions: ways back, loops, bridges, namesakes."""

from tests.verification.paths.chains import AT
from tests.verification.paths.kit import (
    DAY,
    Path,
    authority,
    case,
    entity,
)


def crossed(*pool, leaf=None):
    """The leaf is under `other`, which our root knows only through what `pool` holds."""
    return Path(leaf or entity("other"), pool, (authority("root", "root"),))


@case("ok")
def cross_certificate_of_another_region():
    """Our root certifies the other region's authority."""
    return crossed(authority("other", "root"))


@case("ok")
def expired_cross_certificate_beside_a_renewed_one():
    """The first way found is broken; the search goes back and takes the second."""
    old = authority("other", "root", not_after=AT - DAY)
    return crossed(old, authority("other", "root"))


@case("ok")
def way_over_a_bridge_when_the_direct_one_has_ended():
    """Root → bridge → other lives while root → other has run out."""
    old = authority("other", "root", not_after=AT - DAY)
    return crossed(old, authority("other", "bridge"), authority("bridge", "root"))


@case("ok")
def regions_that_certify_each_other():
    """A loop among cross certificates neither hides the way out nor holds the search."""
    return crossed(
        authority("other", "bridge"), authority("bridge", "other"), authority("bridge", "root")
    )


@case("no_trust_anchor")
def regions_that_certify_only_each_other():
    """A loop without a way out."""
    return crossed(authority("other", "bridge"), authority("bridge", "other"))


@case("ok")
def other_regions_root_beside_its_cross_certificate():
    """Its self-signed root is no anchor of ours; the cross certificate leads to one."""
    return crossed(authority("other", "other"), authority("other", "root"))


@case("ok")
def namesake_with_another_key_beside_the_right_one():
    """Two authorities of one name; only the one that signed counts."""
    return crossed(authority("other", "root", key="low"), authority("other", "root"))


@case("bad_signature")
def namesake_with_another_key_alone():
    """Somebody else of the right name did not sign this."""
    return crossed(authority("other", "root", key="low"))
