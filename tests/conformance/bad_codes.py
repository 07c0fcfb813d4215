"""Codes that were changed, forged or are of no use (credential-formats sheet, 1 and 2)."""

import io
import zlib
from dataclasses import replace
from datetime import timedelta

from PIL import Image

from sealkit.formats.code import base45
from sealkit.formats.code.container import unwrap
from sealkit.formats.code.qr import qr_png
from tests.conformance.cases import Shown, bad_licence
from tests.conformance.instants import AT, SIGNED
from tests.conformance.world import MemoryRegister, guangdong


@bad_licence(finds="code.malformed")
def code_cut_short(world):
    """The scanner lost the second half of the code."""
    return world.sound_code[: len(world.sound_code) // 2].encode()


@bad_licence(finds="code.malformed")
def code_in_lower_case(world):
    """Somebody put the code into lower case; it has other characters then."""
    return ("CL1:" + world.sound_code[4:].lower()).encode()


@bad_licence(finds="code.malformed")
def code_with_nothing_in_it(world):
    """Only the prefix."""
    return b"CL1:"


@bad_licence(finds="code.malformed")
def code_that_is_not_text(world):
    """The bytes after the prefix are not UTF-8."""
    return b"CL1:\xff\xfe"


@bad_licence(finds="code.malformed")
def code_that_unfolds_without_end(world):
    """A small code that inflates to ten megabytes."""
    return _text(zlib.compress(bytes(10 * 1024 * 1024), 9))


@bad_licence(finds="code.malformed")
def code_tagged_as_something_else(world):
    """The credential is tagged as a COSE_Sign (98), not COSE_Sign1."""
    return _text(b"\xd8\x62" + unwrap(world.sound_code)[1:])


@bad_licence(finds="code.signature_invalid")
def code_with_another_name(world):
    """One character of the holder's name in the code was changed."""
    message = unwrap(world.sound_code)
    assert "天山".encode() in message
    return _text(message.replace("天山".encode(), "天池".encode()))


@bad_licence(finds="code.signature_invalid")
def code_with_another_signature(world):
    """The last byte of the signature is different."""
    message = unwrap(world.sound_code)
    return _text(message[:-1] + bytes([message[-1] ^ 1]))


@bad_licence(finds="code.signature_invalid")
def code_with_r_and_s_exchanged(world):
    """The two halves of the signature change places."""
    message = unwrap(world.sound_code)
    return _text(message[:-64] + message[-32:] + message[-64:-32])


@bad_licence(finds="code.signer_unknown", verdict="cannot_say")
def code_signed_by_a_stranger(world):
    """The key that signed the code is on no trust list."""
    return world.code(signer=world.signer("receipt")).encode()


@bad_licence(finds="code.signer_unknown", verdict="cannot_say")
def code_of_a_region_we_do_not_know(world):
    """A sound code of this region, where only another region is trusted."""
    return Shown(world.sound_code.encode(), {"trust": guangdong().trust})


@bad_licence(finds="code.version_unknown", verdict="cannot_say")
def code_of_a_later_version(world):
    """The container says version 2, which this verifier does not know."""
    return ("CL2:" + world.sound_code[4:]).encode()


@bad_licence(finds="code.version_unknown", verdict="cannot_say")
def code_with_an_unknown_dictionary(world):
    """The code is packed with dictionary 250, which this verifier does not have."""
    return _text(b"\x01\xfa" + zlib.compress(b"x")[2:-4])


@bad_licence(finds="code.certificate.revoked_unproven")
def code_signer_revoked(world):
    """The code signer was revoked; nothing proves that this code is older."""
    trust = world.trust_revoking("code_signer", at=SIGNED + timedelta(days=1))
    return Shown(world.sound_code.encode(), {"trust": trust})


@bad_licence(finds="code.certificate.revoked")
def code_signed_after_revocation(world):
    """The code signer was revoked before the code was made."""
    trust = world.trust_revoking("code_signer", at=SIGNED - timedelta(days=1))
    return Shown(world.sound_code.encode(), {"trust": trust})


@bad_licence(finds="code.certificate.expired")
def code_signer_expired(world):
    """The code signer's certificate had run out when the code was made."""
    signer = world.certificate(until=SIGNED - timedelta(days=1))
    trust = world.trust_with(code_signers=(signer.certificate_der,))
    return Shown(world.code(signer=signer).encode(), {"trust": trust})


@bad_licence(finds="licence.expired")
def code_of_an_expired_licence(world):
    """The licence in the code ran out yesterday."""
    return world.code(replace(world.record, valid_until="2026-11-22")).encode()


@bad_licence(finds="licence.not_yet_issued")
def code_made_tomorrow(world):
    """The code says that it was signed tomorrow."""
    return world.code(at=AT + timedelta(days=1)).encode()


@bad_licence(finds="authority.region_mismatch")
def code_that_names_another_region(world):
    """Signed with Xinjiang's key, but says Guangdong."""
    return world.code(replace(world.record, region="440000")).encode()


@bad_licence(finds="authority.kind_not_allowed")
def code_of_a_kind_the_issuer_may_not_issue(world):
    """The issuer in the code has no authority over this kind."""
    listed = replace(world.authority, kind_codes=())
    return Shown(world.sound_code.encode(), {"trust": world.trust_with(authorities=(listed,))})


@bad_licence(finds="status.suspended")
def code_of_a_suspended_licence(world):
    """The code is genuine; the licence is suspended."""
    return Shown(world.sound_code.encode(), {"status": world.status(2)})


@bad_licence(finds="content.register_differs")
def code_of_another_record(world):
    """The register holds another record than the one the code was made from."""
    other = replace(world.record, number="91650100MA11111111")
    register = MemoryRegister(world.register_entry(other))
    return Shown(world.sound_code.encode(), {"register": register})


@bad_licence(finds="image.code_absent", verdict="cannot_say")
def photo_without_a_code(world):
    """A photo on which no code is to be found."""
    return _png(Image.new("L", (200, 200), 255))


@bad_licence(finds="image.code_absent", verdict="cannot_say")
def photo_of_another_code(world):
    """A photo of a code that leads to a shop."""
    return qr_png("HTTPS://SHOP.EXAMPLE/")


@bad_licence(finds="image.several_codes", verdict="cannot_say")
def photo_of_two_licences(world):
    """Two different licence codes in one photo."""
    codes = (world.sound_code, world.code(replace(world.record, number="X2")))
    pictures = [Image.open(io.BytesIO(qr_png(code))).convert("L") for code in codes]
    both = Image.new("L", (sum(one.width for one in pictures), pictures[0].height + 50), 255)
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[1], (pictures[0].width, 0))
    return _png(both)


@bad_licence(finds="image.unreadable")
def photo_cut_short(world):
    """The picture file ends too early."""
    return qr_png(world.sound_code)[:60]


@bad_licence(finds="image.too_large")
def photo_of_a_billion_pixels(world):
    """A small file that says it holds a billion pixels."""
    return _resized(_png(Image.new("L", (64, 64), 255)), 32_000)


@bad_licence(finds="image.too_large")
def photo_of_thirty_six_million_pixels(world):
    """More pixels than any phone's photo of a code needs."""
    return _resized(_png(Image.new("L", (64, 64), 255)), 6_000)


@bad_licence(finds="code.signature_invalid")
def photo_of_a_forged_code(world):
    """A photo of a code whose name was changed."""
    return qr_png(code_with_another_name(world).decode())


def _text(container):
    return ("CL1:" + base45.encode(container)).encode()


def _png(image):
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def _resized(png, side):
    """Return the PNG with another size in its header, checksum right."""
    header = png[12:16] + side.to_bytes(4) * 2 + png[24:29]
    return png[:12] + header + zlib.crc32(header).to_bytes(4) + png[33:]
