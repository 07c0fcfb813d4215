"""Seals that were forged, changed, swapped or used out of time (checklist 6, 7, 13, 27)."""

from datetime import timedelta

from sealkit.asn1 import encode
from sealkit.asn1.ses import parse_seal
from sealkit.asn1.x509 import parse_certificate
from tests.conformance.cases import bad_licence
from tests.conformance.instants import AT, SIGNED
from tests.conformance.ofd_builder import changed, make_seal, sealed, unsealed
from tests.conformance.world import new_signer


@bad_licence(finds="seal.maker_signature_invalid")
def seal_changed_by_its_user(world):
    """The owner of a genuine seal gave it a longer life and sealed with it."""
    seal = make_seal(world, until=AT + timedelta(days=700))
    end = (AT + timedelta(days=700)).strftime("%Y%m%d").encode()
    longer = seal.replace(end, (AT + timedelta(days=900)).strftime("%Y%m%d").encode())
    return sealed(world, unsealed(world.record), seal=longer)


@bad_licence(finds="seal.maker_signature_invalid")
def seal_with_another_picture(world):
    """One byte of the picture inside the seal was changed."""
    seal = make_seal(world)
    return sealed(world, unsealed(world.record), seal=seal.replace(b"IEND", b"IENE"))


@bad_licence(finds="seal.maker_signature_unreadable", also=("maker.certificate.malformed",))
def seal_maker_certificate_is_garbage(world):
    """What stands beside the maker's signature is no certificate."""
    seal = parse_seal(make_seal(world))
    spoilt = encode.sequence(
        seal.signed,
        encode.octet_string(b"none"),
        encode.object_identifier(seal.algorithm),
        encode.bit_string(seal.signature),
    )
    return sealed(world, unsealed(world.record), seal=spoilt)


@bad_licence(finds="seal.file_swapped", also=("digest.file_changed",))
def seal_file_swapped(world):
    """Seal.esl was exchanged for another genuine seal of the same department."""
    other = make_seal(world, seal_id="DZYZ0002")
    return changed(world.sound_ofd, Seal__esl=other)


@bad_licence(finds="seal.file_swapped", also=("digest.file_changed",))
def seal_file_is_garbage(world):
    """Seal.esl is no seal at all."""
    return changed(world.sound_ofd, Seal__esl=b"\x89PNG")


@bad_licence(finds="seal.trailing_bytes", also=("digest.file_changed",))
def bytes_after_the_seal(world):
    """Seal.esl is the genuine seal and one byte more."""
    return changed(world.sound_ofd, Seal__esl=lambda der: der + b"\x00")


@bad_licence(finds="seal.file_missing", also=("digest.file_missing",))
def seal_file_removed(world):
    """Seal.esl was taken out of the package."""
    return changed(world.sound_ofd, Seal__esl=None)


@bad_licence(finds="seal.signer_not_listed")
def signer_not_in_the_seal(world):
    """A certificate of the right department that this seal does not list."""
    seal = make_seal(world, certificates=(world.der("seal_signer_land"),))
    return sealed(world, unsealed(world.record), seal=seal)


@bad_licence(finds="seal.expired")
def seal_expired_when_used(world):
    """The seal had run out the day before it was used."""
    seal = make_seal(world, until=SIGNED - timedelta(days=1))
    return sealed(world, unsealed(world.record), seal=seal)


@bad_licence(finds="seal.not_yet_valid")
def seal_not_yet_valid_when_used(world):
    """The seal was to be valid from the day after it was used."""
    seal = make_seal(world, since=SIGNED + timedelta(days=1))
    return sealed(world, unsealed(world.record), seal=seal)


@bad_licence(finds="maker.certificate.untrusted", verdict="cannot_say")
def seal_forged_and_signed_anew(world):
    """The seal was made anew by a maker of the forger's own."""
    return sealed(world, unsealed(world.record), seal=make_seal(world, maker=_forger("制章")))


@bad_licence(finds="seal.maker_not_listed")
def seal_made_by_one_who_makes_none(world):
    """A department made its own seal with a certificate of the region's own CA."""
    seal = make_seal(world, maker=world.signer("seal_signer_land"))
    return sealed(world, unsealed(world.record), seal=seal)


@bad_licence(
    finds="signer.certificate.untrusted",
    verdict="cannot_say",
    also=("maker.certificate.untrusted",),
)
def everything_forged(world):
    """Seal, maker and signer all belong to a root that the forger made."""
    signer = _forger("电子证照专用章")
    seal = make_seal(world, certificates=(signer.certificate_der,), maker=_forger("制章"))
    return sealed(world, unsealed(world.record), seal=seal, signer=signer)


@bad_licence(
    finds="signer.certificate.untrusted",
    verdict="invalid",
    also=("maker.certificate.untrusted", "digest.file_changed", "content.text_differs"),
)
def forged_and_broken(world):
    """A file under an unknown root that was changed after sealing: broken, whoever made it."""
    document = everything_forged(world)
    return changed(document, Content__xml=lambda xml: xml.replace("天山".encode(), "天池".encode()))


def _forger(common_name):
    """Return a signer certified by a root of the forger's own."""
    root = new_signer("根证书 DEV", is_ca=True, key_usage=("key_cert_sign", "crl_sign"))
    return new_signer(common_name, parse_certificate(root.certificate_der), root)
