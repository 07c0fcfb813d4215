"""Signatures that are absent, malformed, or about something else (checklist 9 to 12, 27)."""

from sealkit import oids
from sealkit.asn1 import cms, encode
from sealkit.asn1.ses import parse_signature
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.sm import sm3
from tests.conformance.cases import Shown, bad_licence
from tests.conformance.instants import SIGNED
from tests.conformance.ofd_builder import changed, entry, resigned, sealed, unsealed
from tests.conformance.world import MemoryRegister, guangdong


@bad_licence(finds="signature.absent")
def licence_without_a_seal(world):
    """All is right with the licence, but nobody sealed it."""
    return write_package(unsealed(world.record))


@bad_licence(finds="signature.absent", also=("ofd.file.smuggled",))
def seal_struck_off_the_list(world):
    """The list of signatures was emptied; the signature's files are still there."""
    listing = entry(world.sound_ofd, "Signatures.xml")
    start, end = listing.index(b"<ofd:Signature "), listing.index(b"</ofd:Signatures>")
    return changed(world.sound_ofd, Signatures__xml=listing[:start] + listing[end:])


@bad_licence(finds="content.seals_missing")
def second_seal_removed(world):
    """The last of two seals was removed without a trace; only the register knows."""
    register = MemoryRegister(world.register_entry(seal_count=2))
    return Shown(world.sound_ofd, {"register": register})


@bad_licence(finds="signature.file_missing")
def signature_value_removed(world):
    """SignedValue.dat is not in the package."""
    return changed(world.sound_ofd, SignedValue__dat=None)


@bad_licence(finds="signature.malformed")
def signature_value_is_garbage(world):
    """SignedValue.dat is no DER at all."""
    return changed(world.sound_ofd, SignedValue__dat=b"not DER")


@bad_licence(finds="signature.malformed")
def signature_value_is_empty(world):
    """SignedValue.dat has no bytes."""
    return changed(world.sound_ofd, SignedValue__dat=b"")


@bad_licence(finds="signature.malformed")
def signature_value_is_cut(world):
    """SignedValue.dat ends too early."""
    return changed(world.sound_ofd, SignedValue__dat=lambda der: der[:-1])


@bad_licence(finds="signature.trailing_bytes")
def bytes_after_the_signature_value(world):
    """SignedValue.dat is followed by a byte."""
    return changed(world.sound_ofd, SignedValue__dat=lambda der: der + b"\x00")


@bad_licence(finds="signature.value_invalid")
def last_byte_of_the_signature_changed(world):
    """One bit of s is different."""
    document = sealed(world, unsealed(world.record), timestamp=None)
    return changed(document, SignedValue__dat=lambda der: der[:-1] + bytes([der[-1] ^ 1]))


@bad_licence(finds="signature.value_invalid")
def sealing_time_changed(world):
    """The time inside the signed bytes was set back by a year."""
    document = sealed(world, unsealed(world.record), timestamp=None)

    def moved(der):
        return der.replace(b"20261102013000Z", b"20261101013000Z")

    return changed(document, SignedValue__dat=moved)


@bad_licence(
    finds="signature.value_invalid",
    also=("seal.signer_not_listed", "authority.certificate_not_of_issuer"),
)
def signer_certificate_swapped(world):
    """The certificate beside the signature was exchanged for another department's.

    In V4 it stands outside the signed bytes.
    """
    document = sealed(world, unsealed(world.record), timestamp=None)
    own, other = world.der("seal_signer_market"), world.der("seal_signer_land")
    return changed(document, SignedValue__dat=lambda der: _swapped(der, own, other))


@bad_licence(
    finds="signer.certificate.malformed",
    also=("seal.signer_not_listed",),
)
def signer_certificate_is_garbage(world):
    """What stands beside the signature is no certificate."""
    document = sealed(world, unsealed(world.record), timestamp=None)
    own = world.der("seal_signer_market")
    return changed(document, SignedValue__dat=lambda der: _swapped(der, own, b"none"))


@bad_licence(finds="signature.algorithm_unsupported", verdict="cannot_say")
def signature_of_an_algorithm_we_do_not_speak(world):
    """The signature says that it is RSA."""
    document = sealed(world, unsealed(world.record), timestamp=None)
    own = world.der("seal_signer_market")
    rsa = "1.2.840.113549.1.1.11"
    return changed(document, SignedValue__dat=lambda der: _swapped(der, own, own, rsa))


@bad_licence(finds="signature.xml_changed")
def signature_description_changed(world):
    """A blank was added to Signature.xml after sealing."""

    def spaced(xml):
        return xml.replace(b"</ofd:Signature>", b" </ofd:Signature>")

    return changed(world.sound_ofd, **{"/Signature.xml": spaced})


@bad_licence(finds="signature.xml_changed", also=("seal.file_swapped",))
def signature_of_another_licence(world):
    """A genuine signature value was moved here from another licence."""
    from dataclasses import replace

    other = sealed(world, unsealed(replace(world.record, number="91650100MA11111111")))
    return changed(world.sound_ofd, SignedValue__dat=entry(other, "SignedValue.dat"))


@bad_licence(finds="signature.place_mismatch")
def signature_of_another_place(world):
    """PropertyInfo names another Signature.xml than the one it was computed over."""
    return resigned(world, world.sound_ofd, property_info="/Doc_0/Signs/Sign_7/Signature.xml")


@bad_licence(finds="signature.not_a_seal", verdict="cannot_say")
def signature_without_a_seal(world):
    """The file bears a plain digital signature (Type Sign), no seal of an issuer."""
    xml = entry(world.sound_ofd, "/Signature.xml")
    message = cms.sign(xml, world.signer("seal_signer_market"), at=SIGNED, gm=True)

    def retyped(listing):
        return listing.replace(b'Type="Seal"', b'Type="Sign"')

    return changed(world.sound_ofd, SignedValue__dat=message, Signatures__xml=retyped)


def _countersigned(world, message):
    """Return a sealed licence with a second signature, without a seal, that `message` makes."""
    document = sealed(world, world.sound_ofd)
    number = "Signs/Sign_1/"
    value = message(entry(document, f"{number}Signature.xml"))
    listing = entry(document, "Signatures.xml")
    first, second = listing.split(b'Type="Seal"', 1)
    retyped = first + b'Type="Seal"' + second.replace(b'Type="Seal"', b'Type="Sign"', 1)
    entries = dict(read_package(document).entries)
    for name in entries:
        if name.endswith(f"{number}SignedValue.dat"):
            entries[name] = value
        elif name.endswith("Signatures.xml"):
            entries[name] = retyped
    return write_package(entries)


def countersigned_by_the_issuer(world):
    """A licence with a seal and, beside it, a sound signature without one."""
    signer = world.signer("seal_signer_market")
    return _countersigned(world, lambda xml: cms.sign(xml, signer, at=SIGNED, gm=True))


@bad_licence(finds="signature.xml_changed")
def countersignature_over_something_else(world):
    """The signature without a seal holds, but over other content than its Signature.xml."""
    signer = world.signer("seal_signer_market")
    return _countersigned(world, lambda _xml: cms.sign(b"other", signer, at=SIGNED, gm=True))


@bad_licence(finds="signature.value_invalid")
def countersignature_over_another_file_detached(world):
    """A detached signature without a seal that was made over something else."""
    signer = world.signer("seal_signer_market")
    return _countersigned(
        world, lambda _xml: cms.sign(b"other", signer, at=SIGNED, gm=True, detached=True)
    )


@bad_licence(finds="signature.malformed")
def countersignature_is_garbage(world):
    """What should be the signed message is not one."""
    return _countersigned(world, lambda _xml: b"\x30\x03\x02\x01\x01")


@bad_licence(finds="signer.certificate.untrusted", verdict="cannot_say")
def countersignature_of_a_stranger(world):
    """Somebody no region knows signed beside the seal."""
    stranger = guangdong().signer("seal_signer_market")
    return _countersigned(world, lambda xml: cms.sign(xml, stranger, at=SIGNED, gm=True))


@bad_licence(finds="timestamp.malformed")
def timestamp_is_garbage(world):
    """The timestamp is no token."""
    return sealed(world, unsealed(world.record), timestamp=lambda signature: b"\x30\x00")


@bad_licence(finds="timestamp.imprint_mismatch")
def timestamp_of_another_signature(world):
    """A genuine timestamp, taken from something else."""
    stamp = world.timestamp()
    return sealed(world, unsealed(world.record), timestamp=lambda _signature: stamp(b"other"))


@bad_licence(finds="timestamp.imprint_weak", also=("timestamp.signature_invalid",))
def timestamp_over_an_unknown_digest(world):
    """The token says that its imprint is of an algorithm that nobody accepts."""
    stamp = world.timestamp()

    def renamed(signature):
        token, imprint = stamp(signature), sm3.digest(signature)
        place = token.index(imprint)
        named = token.rindex(encode.object_identifier(oids.SM3), 0, place)
        other = encode.object_identifier(oids.SM3[:-1] + "7")
        return token[:named] + other + token[named + len(other) :]

    return sealed(world, unsealed(world.record), timestamp=renamed)


@bad_licence(finds="timestamp.certificate.malformed")
def timestamp_without_its_certificate(world):
    """The token does not carry the certificate of its service."""
    stamp = world.timestamp(wants_certificate=False)
    return sealed(world, unsealed(world.record), timestamp=stamp)


@bad_licence(finds="timestamp.signature_invalid")
def timestamp_changed(world):
    """The time in the token was set back after it was given."""
    stamp = world.timestamp()

    def moved(signature):
        return stamp(signature).replace(b"20261102013000", b"20251102013000")

    return sealed(world, unsealed(world.record), timestamp=moved)


@bad_licence(finds="timestamp.certificate.usage")
def timestamp_by_one_who_is_no_service(world):
    """The token is signed with a certificate that is not for timestamps (RFC 3161, 2.3)."""
    stamp = world.timestamp(signer=world.signer("seal_signer_land"))
    return sealed(world, unsealed(world.record), timestamp=stamp)


@bad_licence(finds="timestamp.certificate.untrusted", verdict="cannot_say")
def timestamp_by_a_service_we_do_not_know(world):
    """The timestamp service belongs to a root that is not ours."""
    from tests.conformance.world import guangdong

    stamp = world.timestamp(signer=guangdong().signer("timestamp"))
    return sealed(world, unsealed(world.record), timestamp=stamp)


def _swapped(der, own, other, algorithm=None):
    """Exchange the certificate or the algorithm beside a signature; both are unsigned."""
    parsed = parse_signature(der)
    assert parsed.certificate_der == own
    return encode.sequence(
        parsed.tbs,
        encode.octet_string(other),
        encode.object_identifier(algorithm or parsed.algorithm),
        encode.bit_string(parsed.signature),
    )
