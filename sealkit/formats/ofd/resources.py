"""Resource files: fonts, images and what else pages refer to by ID."""

from dataclasses import dataclass
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.paths import base_folder, resolve_in
from sealkit.formats.ofd.reading import Reader

_FILES: Final = ("FontFile", "MediaFile")
_REFERENCES: Final = ("PublicRes", "DocumentRes", "PageRes")


@dataclass(frozen=True, slots=True)
class Font:
    """A font that text objects name."""

    id: str
    name: str
    path: str | None
    """Entry of the font file; None when the viewing machine has to have it."""


class Resources:
    """Everything that the resource files read so far define."""

    def __init__(self, reader: Reader) -> None:
        self.fonts: dict[str, Font] = {}
        self.drawable: set[str] = set()
        """IDs of images and of composite graphics."""
        self._reader = reader
        self._read: set[str] = set()

    def follow(self, holder: xml.Element | None, path: str) -> None:
        """Read the resource files that `holder`, an element of the file `path`, names.

        Raises:
            OFDError: if one of them, or a file that it names, is missing.
        """
        for name in _REFERENCES:
            for reference in xml.children(holder, name):
                self._read_once(self._reader.location(reference, path))

    def _read_once(self, path: str) -> None:
        # Pages share resource files.
        if path in self._read:
            return
        self._read.add(path)
        root = self._reader.tree(path)
        folder = base_folder(root.get("BaseLoc", ""), path)
        self._reader.remember_all(root, path)
        for font in xml.descendants(root, "Font"):
            self._add_font(font, folder)
        for kind in ("MultiMedia", "CompositeGraphicUnit"):
            self.drawable.update(found.get("ID", "") for found in xml.descendants(root, kind))
        for kind in _FILES:
            for reference in xml.descendants(root, kind):
                self._reader.file(resolve_in(folder, xml.text(reference)))
        for space in xml.descendants(root, "ColorSpace"):
            profile = space.get("Profile")
            if profile:
                self._reader.file(resolve_in(folder, profile))

    def _add_font(self, font: xml.Element, folder: str) -> None:
        file = xml.child(font, "FontFile")
        path = resolve_in(folder, xml.text(file)) if file is not None else None
        identifier = font.get("ID", "")
        self.fonts[identifier] = Font(identifier, font.get("FontName", ""), path)
