"""Trust bundles that somebody made who must not, one defect each; and the sound one.

Each is a function of a world. None may be read, by Python or by the offline page.
"""

import base64
import json
from datetime import timedelta

from sealkit import oids
from sealkit.asn1 import certificate_builder
from sealkit.asn1.crl import build_crl
from sealkit.asn1.particulars import Particulars
from sealkit.asn1.x509 import parse_certificate
from tests.conformance.instants import AT
from tests.conformance.world import guangdong, new_signer
from verification.bundle import build_bundle

BUNDLE_USAGE = {
    "extended_key_usage": (oids.EKU_TRUST_BUNDLE,),
    "extended_key_usage_critical": True,
}
AUTHORITY = {"is_ca": True, "key_usage": ("key_cert_sign", "crl_sign")}
OTHER_KEYS = ("receipt", "code_signer", "status_signer", "seal_maker", "trust_online", "timestamp")


def bundle(world, *, signer=None, regions=None, at=AT):
    """Return a bundle of a world, by the key for it unless told otherwise."""
    signer = signer or world.signer("trust_bundle")
    regions = regions or world.trust.regions
    return build_bundle(regions, world.sound_status.tokens, {}, signer=signer, at=at)


def empty_list(signer):
    """Return the revocation list of an authority that has revoked nothing."""
    begins, ends = AT - timedelta(days=1), AT + timedelta(days=6)
    return build_crl(signer=signer, number=1, this_update=begins, next_update=ends, revoked={})


def edited(content, **members):
    """Return a bundle with other members."""
    return json.dumps(json.loads(content) | members).encode()


def not_critical(world):
    """Certified for bundles, but not as something that must be understood."""
    usage = BUNDLE_USAGE | {"extended_key_usage_critical": False}
    return bundle(world, signer=world.certificate(**usage))


def among_other_usages(world):
    """Certified for bundles and for something else."""
    usages = (oids.EKU_TRUST_BUNDLE, oids.EKU_CLIENT_AUTHENTICATION)
    return bundle(world, signer=world.certificate(**BUNDLE_USAGE | {"extended_key_usage": usages}))


def without_usage(world):
    """Any certificate of the region."""
    return bundle(world, signer=world.certificate())


def by_itself(world):
    """A certificate that nobody issued."""
    return bundle(world, signer=new_signer("自己", **BUNDLE_USAGE))


def by_another_region(world):
    """The neighbour's key for bundles, the neighbour being among the recognised regions."""
    neighbour = guangdong()
    regions = (*world.trust.regions, *neighbour.trust.regions)
    return bundle(world, signer=neighbour.signer("trust_bundle"), regions=regions)


def under_an_authority_with_limits(world):
    """An authority certified across, for some names, speaks for a bundle of ours."""
    authority = world.certificate(
        "交叉认证",
        issuer="root",
        particulars=Particulars(permitted_names=(certificate_builder.name({"C": "CN"}),)),
        **AUTHORITY,
    )
    issuer = parse_certificate(authority.certificate_der)
    signer = new_signer("越权", issuer, authority, **BUNDLE_USAGE)
    trust = world.trust_with(
        intermediates=(*world.region_trust.intermediates, issuer.der),
        crls=(*world.region_trust.crls, empty_list(authority)),
    )
    return bundle(world, signer=signer, regions=trust.regions)


def revoked(world):
    """The signer was revoked before."""
    trust = world.trust_revoking("trust_bundle", at=AT - timedelta(days=2))
    return bundle(world, regions=trust.regions)


def revoked_later(world):
    """The signer was revoked after the time that the bundle gives itself."""
    trust = world.trust_revoking("trust_bundle", at=AT + timedelta(hours=1))
    return bundle(world, regions=trust.regions)


def without_lists(world):
    """Nothing says that the signer is not revoked."""
    return bundle(world, regions=world.trust_with(crls=()).regions)


def with_old_lists(world):
    """The list that says so had ended."""
    stale = (world.crl(until=AT - timedelta(hours=1)), world.crl("root"))
    return bundle(world, regions=world.trust_with(crls=stale).regions)


def before_its_certificate(world):
    """The certificate began later."""
    late = world.certificate(since=AT + timedelta(days=1), **BUNDLE_USAGE)
    return bundle(world, signer=late)


def after_its_certificate(world):
    """The certificate had ended."""
    early = world.certificate(until=AT - timedelta(days=1), **BUNDLE_USAGE)
    return bundle(world, signer=early)


def under_a_certificate_not_its_own(world):
    """Signed by somebody, beside the true certificate."""
    foreign = bundle(world, signer=world.certificate(**BUNDLE_USAGE))
    own = base64.b64encode(world.der("trust_bundle")).decode()
    return edited(foreign, certificate=own)


def without_certificate(world):
    """As bundles were before."""
    members = json.loads(bundle(world))
    del members["certificate"]
    return json.dumps(members).encode()


def of_the_schema_before(world):
    """A bundle of the first schema, whose signer it named itself."""
    return edited(bundle(world), schema="yinxin-bundle/1")


def by(name):
    """Return who makes a bundle with another key of the region."""
    return lambda world: bundle(world, signer=world.signer(name))


BAD_BUNDLES = {f"by_{name}": by(name) for name in OTHER_KEYS} | {
    make.__name__: make
    for make in (
        not_critical,
        among_other_usages,
        without_usage,
        by_itself,
        by_another_region,
        under_an_authority_with_limits,
        revoked,
        revoked_later,
        without_lists,
        with_old_lists,
        before_its_certificate,
        after_its_certificate,
        under_a_certificate_not_its_own,
        without_certificate,
        of_the_schema_before,
    )
}


def under_two_roots(world):
    """Return a bundle whose first region has the true root first, and the forger's as well.

    It can be read; what matters is the root that it is then said to stand on.
    """
    forger = new_signer("伪造者的根", **AUTHORITY)
    root = parse_certificate(forger.certificate_der)
    signer = new_signer("伪造者", root, forger, **BUNDLE_USAGE)
    trust = world.trust_with(
        anchors=(*world.region_trust.anchors, root.der),
        crls=(*world.region_trust.crls, empty_list(forger)),
    )
    return bundle(world, signer=signer, regions=trust.regions), root.der
