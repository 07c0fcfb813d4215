"""Small inputs made by other libraries: workbooks, pictures, forms, notes."""

import io
import zipfile
from dataclasses import fields
from datetime import timedelta

from openpyxl import Workbook
from PIL import Image, ImageDraw

from sealkit.copy_note import CopyNote
from sealkit.formats.code import cose
from tests.conformance.instants import AT
from tests.conformance.world import xinjiang

WORLD = xinjiang()


def glyph_png():
    """Return a ring of 64 by 64 pixels."""
    out = io.BytesIO()
    picture = Image.new("L", (64, 64), 255)
    ImageDraw.Draw(picture).ellipse((8, 8, 56, 56), outline=0, width=9)
    picture.save(out, "PNG")
    return out.getvalue()


def note():
    """Return the note of an annotated copy."""
    texts = {field.name: "copy" for field in fields(CopyNote)}
    return CopyNote(
        **texts
        | {
            "record_digest": "00" * 32,
            "valid_from": "2026-01-01",
            "valid_until": "2027-01-01",
            "status": WORLD.record.status,
            "copy_create_time": AT.replace(microsecond=0),
            "copy_expiring_time": AT.replace(microsecond=0) + timedelta(days=1),
        }
    )


def workbook(rows):
    """Return a workbook of these rows."""
    made, file = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(file)
    return file.getvalue()


def unpacked(archive):
    """Return the entries of an archive."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def form(disposition):
    """Return the body of a form with one part."""
    head = b"--x\r\nContent-Disposition: form-data; " + disposition
    return head + b"\r\n\r\nCL1:A\r\n--x--\r\n"


def payload(message):
    """Return what a COSE message signs."""
    return cose.parse(message).payload


def plain(name):
    """Return a key of the world, open."""
    with WORLD.keys.private_key(name).opened() as octets:
        return bytes(octets)


def jpeg(png):
    """Return a picture as JPEG."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(file, "JPEG", quality=60)
    return file.getvalue()
