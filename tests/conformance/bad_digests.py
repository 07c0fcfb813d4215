"""Files changed, removed or left out of the seal (checklist 22, 23, 27)."""

import re

from tests.conformance.cases import bad_licence
from tests.conformance.ofd_builder import changed, resigned, sealed, unsealed


@bad_licence(finds="digest.file_changed", also=("content.text_differs",))
def one_character_of_the_page_changed(world):
    """The printed name of the holder was edited after sealing."""
    return changed(world.sound_ofd, Content__xml=_replaced("天山", "天池"))


@bad_licence(finds="digest.file_changed")
def one_blank_of_the_page_changed(world):
    """A change that nobody sees: a space between two elements."""
    return changed(world.sound_ofd, Content__xml=_replaced("</ofd:Layer>", " </ofd:Layer>"))


@bad_licence(finds="digest.file_changed", also=("content.metadata_differs",))
def metadata_changed(world):
    """The end of validity in OFD.xml was moved after sealing."""
    return changed(world.sound_ofd, OFD__xml=_replaced("2036-11-01", "2066-11-01"))


@bad_licence(finds="digest.file_changed", also=("content.text_differs", "content.metadata_differs"))
def record_changed(world):
    """The attached record was edited after sealing: another holder."""
    return changed(world.sound_ofd, file_0=_replaced("天山", "天池"))


@bad_licence(finds="digest.file_missing")
def covered_file_removed(world):
    """A file that the seal covers, and nothing else needs, was taken out."""
    document = sealed(world, unsealed(world.record, extra={"Doc_0/Res/extra.bin": b"x"}))
    return changed(document, extra__bin=None)


@bad_licence(finds="digest.method_weak")
def digests_said_to_be_md5(world):
    """CheckMethod names MD5."""
    return resigned(world, world.sound_ofd, describe=_method('CheckMethod="MD5"'))


@bad_licence(finds="digest.method_weak")
def digests_said_to_be_sha1(world):
    """CheckMethod names SHA-1 by its identifier."""
    return resigned(world, world.sound_ofd, describe=_method('CheckMethod="1.3.14.3.2.26"'))


@bad_licence(finds="digest.method_weak")
def digests_of_no_stated_method(world):
    """CheckMethod is absent; by the standard that means MD5."""
    return resigned(world, world.sound_ofd, describe=_method(""))


@bad_licence(finds="digest.value_malformed")
def digest_of_twenty_bytes(world):
    """A CheckValue is not 32 bytes of base64."""

    def short(xml):
        return re.sub(rb"<ofd:CheckValue>[^<]+", b"<ofd:CheckValue>AAAA", xml, count=1)

    return resigned(world, world.sound_ofd, describe=short)


@bad_licence(finds="digest.file_changed")
def digest_of_another_file(world):
    """The seal's digest of OFD.xml was never right."""
    wrong = b"<ofd:CheckValue>" + b"A" * 43 + b"="

    def spoil(xml):
        return re.sub(rb"<ofd:CheckValue>[^<]+", wrong, xml, count=1)

    return resigned(world, world.sound_ofd, describe=spoil)


@bad_licence(finds="coverage.incomplete")
def page_left_out_of_the_seal(world):
    """The page is not among the references, so it could be exchanged at will."""
    return resigned(world, world.sound_ofd, describe=_without("Content.xml"))


@bad_licence(finds="coverage.incomplete")
def record_left_out_of_the_seal(world):
    """The attached record is not among the references."""
    return resigned(world, world.sound_ofd, describe=_without("file_0"))


@bad_licence(finds="coverage.incomplete")
def root_left_out_of_the_seal(world):
    """OFD.xml with the metadata is not among the references, as in some deployed products."""
    return resigned(world, world.sound_ofd, describe=_without("OFD.xml"))


@bad_licence(finds="coverage.incomplete")
def seal_file_left_out_of_the_seal(world):
    """The loose seal file is not among the references."""
    return resigned(world, world.sound_ofd, describe=_without("Seal.esl"))


@bad_licence(finds="signature.list_changed")
def signature_added_after_the_lock(world):
    """The list of signatures was rewritten although a seal had locked it."""
    document = sealed(world, unsealed(world.record), lock=True)
    return changed(document, Signatures__xml=_replaced("</ofd:Signatures>", " </ofd:Signatures>"))


def _replaced(old, new):
    return lambda content: content.replace(old.encode(), new.encode())


def _method(attribute):
    return lambda xml: re.sub(rb'CheckMethod="[^"]*"', attribute.encode(), xml)


def _without(ending):
    reference = (
        rb'<ofd:Reference FileRef="[^"]*' + re.escape(ending).encode() + rb'">.*?</ofd:Reference>'
    )
    return lambda xml: re.sub(reference, b"", xml)
