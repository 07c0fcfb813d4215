"""Names and policies that authorities above allow those below (RFC 5280, 6.1)."""

from asn1crypto import core, x509

from tests.verification.paths.chains import extension
from tests.verification.paths.kit import (
    ANY_POLICY,
    OTHER_POLICY,
    POLICY,
    Path,
    authority,
    case,
    entity,
    three,
)


def directory(*parts):
    names = {"country_name": "CN"} | dict(parts)
    return x509.GeneralName("directory_name", x509.Name.build(names))


def limits(*, permitted=(), excluded=()):
    trees = {}
    if permitted:
        trees["permitted_subtrees"] = [{"base": base} for base in permitted]
    if excluded:
        trees["excluded_subtrees"] = [{"base": base} for base in excluded]
    return extension("name_constraints", x509.NameConstraints(trees), critical=True)


def named(text):
    return directory(("common_name", text))


@case("ok")
def name_inside_what_is_permitted():
    """RFC 5280, 4.2.1.10: the subject lies under the permitted name."""
    return three(sub=authority("sub", "root", more=[limits(permitted=[directory()])]))


@case("name_constraint")
def name_outside_what_is_permitted():
    """The subject is another one than permitted."""
    return three(sub=authority("sub", "root", more=[limits(permitted=[named("someone")])]))


@case("name_constraint")
def name_that_is_excluded():
    """The subject lies under an excluded name."""
    return three(sub=authority("sub", "root", more=[limits(excluded=[named("leaf")])]))


@case("name_constraint")
def name_both_permitted_and_excluded():
    """Exclusion wins."""
    both = limits(permitted=[directory()], excluded=[named("leaf")])
    return three(sub=authority("sub", "root", more=[both]))


@case("name_constraint")
def chinese_name_that_is_excluded():
    """UTF8String is compared as text."""
    both = limits(excluded=[named("示例市民政局")])
    return three(leaf=entity(name="示例市民政局"), sub=authority("sub", "root", more=[both]))


@case("name_constraint")
def permitted_names_of_two_authorities_intersect():
    """RFC 5280, 6.1.4 g: each permits what the other does not, so nothing is left."""
    sub = authority("sub", "root", more=[limits(permitted=[named("low"), named("other")])])
    low = authority("low", "sub", more=[limits(permitted=[named("leaf")])])
    return Path(entity("low"), (sub, low), (authority("root", "root"),))


@case("name_constraint")
def authority_below_has_a_name_not_permitted():
    """Names of authorities are constrained like those of leaves."""
    sub = authority("sub", "root", more=[limits(excluded=[named("low")])])
    return Path(entity("low"), (sub, authority("low", "sub")), (authority("root", "root"),))


@case("ok")
def self_issued_authority_is_not_held_to_its_own_names():
    """RFC 5280, 6.1.3 b: a self-issued certificate in the middle is exempt; the leaf is not."""
    sub = authority("sub", "root", more=[limits(permitted=[named("leaf")])])
    rollover = authority("sub", "sub", key="low", by="sub")
    return Path(entity("sub", by="low"), (sub, rollover), (authority("root", "root"),))


@case("name_constraint")
def names_of_the_anchor_count():
    """Our profile, as for its length: a root that limits itself to names is held to them."""
    root = authority("root", "root", more=[limits(excluded=[named("leaf")])])
    return three(root=root)


# Policies


def policies(*identifiers):
    return extension(
        "certificate_policies", [{"policy_identifier": found} for found in identifiers]
    )


def required(**constraints):
    return extension("policy_constraints", constraints, critical=True)


EXPLICIT = required(require_explicit_policy=0)


@case("ok")
def policy_required_and_carried():
    """RFC 5280, 6.1.5 g: authority and leaf are of the same policy."""
    return three(
        leaf=entity(more=[policies(POLICY)]),
        sub=authority("sub", "root", more=[EXPLICIT, policies(POLICY)]),
    )


@case("path_refused")
def policy_required_and_not_carried():
    """The leaf has no policy at all."""
    return three(sub=authority("sub", "root", more=[EXPLICIT, policies(POLICY)]))


@case("path_refused")
def policy_required_and_another_carried():
    """The leaf is of a policy that its authority may not give."""
    return three(
        leaf=entity(more=[policies(OTHER_POLICY)]),
        sub=authority("sub", "root", more=[EXPLICIT, policies(POLICY)]),
    )


@case("ok")
def any_policy_above_lets_a_policy_pass():
    """The policy anyPolicy in the authority stands for each."""
    return three(
        leaf=entity(more=[policies(POLICY)]),
        sub=authority("sub", "root", more=[EXPLICIT, policies(ANY_POLICY)]),
    )


@case("path_refused")
def any_policy_inhibited():
    """RFC 5280, 4.2.1.14: after inhibitAnyPolicy 0 anyPolicy matches nothing below."""
    inhibit = extension("inhibit_any_policy", core.Integer(0), critical=True)
    return three(
        leaf=entity(more=[policies(ANY_POLICY)]),
        sub=authority("sub", "root", more=[EXPLICIT, inhibit, policies(POLICY)]),
    )


def mapped(*, more=()):
    mapping = extension(
        "policy_mappings",
        [{"issuer_domain_policy": POLICY, "subject_domain_policy": OTHER_POLICY}],
        critical=True,
    )
    sub = authority("sub", "root", more=[EXPLICIT, policies(POLICY), *more])
    low = authority("low", "sub", more=[policies(POLICY), mapping])
    leaf = entity("low", more=[policies(OTHER_POLICY)])
    return Path(leaf, (sub, low), (authority("root", "root"),))


@case("ok")
def policy_of_another_region_mapped_to_ours():
    """RFC 5280, 4.2.1.5: a cross certificate says which policy there equals ours."""
    return mapped()


@case("path_refused")
def mapping_of_policies_inhibited():
    """RFC 5280, 4.2.1.11: an authority above forbids mapping."""
    sub_only = required(require_explicit_policy=0, inhibit_policy_mapping=0)
    sub = authority("sub", "root", more=[sub_only, policies(POLICY)])
    path = mapped()
    return Path(path.leaf, (sub, path.intermediates[1]), path.anchors)
