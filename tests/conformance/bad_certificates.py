"""Certificates that prove nothing, and issuers that may not issue (checklist 13, 27)."""

from dataclasses import replace
from datetime import timedelta

from sealkit import oids
from sealkit.identifiers import parse_identifier
from tests.conformance.cases import Shown, bad_licence
from tests.conformance.instants import AT, SIGNED
from tests.conformance.ofd_builder import make_seal, sealed, unsealed
from tests.conformance.world import guangdong, new_signer
from verification.trust import TrustStore

EARLIER = SIGNED - timedelta(days=1)
LATER = SIGNED + timedelta(days=1)


@bad_licence(finds="signer.certificate.expired")
def signer_expired_when_sealing(world):
    """The signer's certificate had run out the day before."""
    return _sealed_by(world, world.certificate(until=EARLIER))


@bad_licence(finds="signer.certificate.not_yet_valid")
def signer_not_yet_valid_when_sealing(world):
    """The signer's certificate was to be valid from the day after."""
    return _sealed_by(world, world.certificate(since=LATER))


@bad_licence(finds="signer.certificate.usage")
def signer_certificate_for_encryption(world):
    """The signer used the encryption certificate of the SM2 double-certificate scheme."""
    return _sealed_by(world, world.certificate(key_usage=("key_encipherment",)))


@bad_licence(finds="signer.certificate.usage")
def signer_certificate_for_timestamps(world):
    """The signer's certificate is one of a timestamp service."""
    return _sealed_by(
        world,
        world.certificate(
            extended_key_usage=(oids.EKU_TIME_STAMPING,), extended_key_usage_critical=True
        ),
    )


@bad_licence(finds="signer.certificate.chain_invalid")
def signer_certified_by_a_department(world):
    """The signer's certificate was issued by a department, which is no authority."""
    department = world.signer("seal_signer_land")
    parent = world.keys.certificate("seal_signer_land")
    signer = new_signer("科室", parent, department)
    shown = _sealed_by(world, signer)
    intermediates = (*world.region_trust.intermediates, parent.der)
    region = replace(shown.sources["trust"].regions[0], intermediates=intermediates)
    return Shown(shown.document, {"trust": TrustStore((region,))})


@bad_licence(finds="signer.certificate.revoked")
def signer_revoked_before_sealing(world):
    """The signer's certificate was revoked the day before."""
    return Shown(world.sound_ofd, {"trust": world.trust_revoking("seal_signer_market", at=EARLIER)})


@bad_licence(finds="signer.certificate.revoked_unproven")
def signer_revoked_and_no_timestamp(world):
    """The certificate was revoked later, but only the signer says when it sealed."""
    document = sealed(world, unsealed(world.record), timestamp=None)
    return Shown(document, {"trust": world.trust_revoking("seal_signer_market", at=LATER)})


@bad_licence(finds="maker.certificate.revoked")
def seal_maker_revoked_before_sealing(world):
    """The seal maker's certificate was revoked before this use of the seal."""
    return Shown(world.sound_ofd, {"trust": world.trust_revoking("seal_maker", at=EARLIER)})


@bad_licence(
    finds="signer.certificate.revoked",
    also=(
        "maker.certificate.revoked",
        "timestamp.certificate.revoked",
        "status.signer_untrusted",
    ),
)
def authority_revoked_by_its_root(world):
    """The root revoked the issuing authority before the licence was sealed."""
    trust = world.trust_revoking("sub_ca", at=EARLIER, issuer="root")
    return Shown(world.sound_ofd, {"trust": trust})


@bad_licence(
    finds="signer.certificate.revocation_unknown",
    verdict="cannot_say",
    also=(
        "maker.certificate.revocation_unknown",
        "timestamp.certificate.revocation_unknown",
        "status.signer_untrusted",
    ),
)
def no_revocation_list(world):
    """Nobody can say whether the certificates were revoked: there is no list."""
    return Shown(world.sound_ofd, {"trust": world.trust_with(crls=())})


@bad_licence(
    finds="signer.certificate.revocation_stale",
    verdict="cannot_say",
    also=(
        "maker.certificate.revocation_stale",
        "timestamp.certificate.revocation_stale",
        "status.signer_untrusted",
    ),
)
def revocation_list_out_of_date(world):
    """The revocation list should have been replaced a week ago."""
    ended = {"at": AT - timedelta(days=14), "until": AT - timedelta(days=7)}
    crls = (world.crl(**ended), world.crl("root"))
    return Shown(world.sound_ofd, {"trust": world.trust_with(crls=crls)})


@bad_licence(
    finds="signer.certificate.revocation_unknown",
    verdict="cannot_say",
    also=(
        "maker.certificate.revocation_unknown",
        "timestamp.certificate.revocation_unknown",
        "status.signer_untrusted",
    ),
)
def revocation_list_forged(world):
    """The revocation list is not signed by the authority whose name it bears."""
    forged = world.crl()[:-8] + bytes(8)
    trust = world.trust_with(crls=(forged, world.crl("root")))
    return Shown(world.sound_ofd, {"trust": trust})


@bad_licence(
    finds="signer.certificate.untrusted",
    verdict="cannot_say",
    also=("maker.certificate.untrusted", "timestamp.certificate.untrusted"),
)
def licence_of_a_region_we_do_not_know(world):
    """A sound licence of this region, shown where only another region is trusted."""
    return Shown(world.sound_ofd, {"trust": guangdong().trust})


@bad_licence(
    finds="signer.certificate.untrusted",
    verdict="cannot_say",
    also=("maker.certificate.untrusted", "timestamp.certificate.untrusted"),
)
def verifier_without_trust_material(world):
    """The verifier knows no region at all."""
    return Shown(world.sound_ofd, {"trust": TrustStore(())})


@bad_licence(
    finds="authority.list_missing",
    verdict="cannot_say",
    also=("status.signer_unknown",),
)
def region_without_a_list_of_authorities(world):
    """Only root and chain of the region are known, not who may issue what."""
    bare = world.trust_with(authorities=(), seal_makers=(), status_signers=(), log=None)
    return Shown(world.sound_ofd, {"trust": bare})


@bad_licence(finds="authority.issuer_not_listed")
def issuer_not_on_the_list(world):
    """The issuer is not an authority of the region."""
    return _under_authority(world, code="11650000PRJ0000999")


@bad_licence(finds="authority.outside_region", verdict="cannot_say")
def region_that_vouches_for_an_authority_of_another(world):
    """Xinjiang's own trust list names a Guangdong department, and its keys seal for it."""
    code = "11440000PRJ000654L"
    identifier = parse_identifier(world.record.identifier).identifier
    theirs = str(replace(identifier, issuer_code=code))
    issuer = replace(world.record, issuer_code=code, identifier=theirs)
    listed = replace(world.authority, code=code)
    return Shown(
        sealed(world, unsealed(issuer)), {"trust": world.trust_with(authorities=(listed,))}
    )


@bad_licence(finds="authority.kind_not_allowed")
def kind_the_issuer_may_not_issue(world):
    """The market authority is not entitled to this kind of licence."""
    return _under_authority(world, kind_codes=("11100000MB03271699001",))


@bad_licence(finds="authority.not_at_that_time")
def issuer_no_longer_an_authority(world):
    """The issuer's authority had ended before it sealed."""
    return _under_authority(world, valid_until=EARLIER)


@bad_licence(finds="authority.not_at_that_time")
def issuer_not_yet_an_authority(world):
    """The issuer's authority began after it sealed."""
    return _under_authority(world, valid_from=LATER)


@bad_licence(finds="authority.certificate_not_of_issuer")
def sealed_by_another_department(world):
    """The land department sealed a business licence with its own genuine seal."""
    seal = make_seal(world, certificates=(world.der("seal_signer_land"),))
    signer = world.signer("seal_signer_land")
    return sealed(world, unsealed(world.record), seal=seal, signer=signer)


@bad_licence(finds="authority.region_mismatch")
def licence_that_names_another_region(world):
    """A licence that claims to be of Guangdong, sealed in Xinjiang."""
    return sealed(world, unsealed(replace(world.record, region="440000")))


def _sealed_by(world, signer):
    """Return a licence sealed by `signer`, whom seal and trust list both name."""
    certificate = signer.certificate_der
    seal = make_seal(world, certificates=(certificate,))
    document = sealed(world, unsealed(world.record), seal=seal, signer=signer)
    listed = replace(world.authority, certificates=(certificate,))
    return Shown(document, {"trust": world.trust_with(authorities=(listed,))})


def _under_authority(world, **changes):
    authority = replace(world.authority, **changes)
    return Shown(world.sound_ofd, {"trust": world.trust_with(authorities=(authority,))})
