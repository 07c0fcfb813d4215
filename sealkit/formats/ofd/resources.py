"""Resource files: fonts, images and what else pages refer to by ID."""

from dataclasses import dataclass

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.paths import base_folder, resolve_in
from sealkit.formats.ofd.reading import Reader


@dataclass(frozen=True, slots=True)
class Font:
    """A font that text objects name."""

    id: str
    name: str
    path: str | None
    """Entry of the font file; None when the viewing machine has to have it."""


class Resources:
    """Everything that the resource files of a document define, and that its pages use."""

    def __init__(self, reader: Reader) -> None:
        self.fonts: dict[str, Font] = {}
        self._reader = reader
        self._drawable: set[str] = set()
        self._read: set[str] = set()
        self._used_fonts: dict[str, str] = {}
        self._used_drawable: dict[str, str] = {}

    def read(self, path: str) -> None:
        """Read the resource file `path`, once: pages share them.

        Raises:
            OFDError: if it, or a file that it names, is missing or cannot be read.
        """
        if path in self._read:
            return
        self._read.add(path)
        root = self._reader.tree(path)
        folder = base_folder(root.get("BaseLoc", ""), path)
        self._reader.remember_all(root, path)
        for font in xml.descendants(root, "Font"):
            self._add_font(font, folder)
        for kind in ("MultiMedia", "CompositeGraphicUnit"):
            self._drawable.update(found.get("ID", "") for found in xml.descendants(root, kind))
        for file in xml.descendants(root, "MediaFile"):
            self._reader.file(resolve_in(folder, xml.text(file)))
        for space in xml.descendants(root, "ColorSpace"):
            profile = space.get("Profile")
            if profile:
                self._reader.file(resolve_in(folder, profile))

    def use_font(self, identifier: str, where: str) -> None:
        """Note that something at `where` is written in this font."""
        self._used_fonts.setdefault(identifier, where)

    def use_drawable(self, identifier: str, where: str) -> None:
        """Note that something at `where` draws this image or composite graphic."""
        self._used_drawable.setdefault(identifier, where)

    def check_uses(self) -> None:
        """Note what is used and not defined; once everything has been read."""
        for identifier in self._used_fonts.keys() - self.fonts.keys():
            self._reader.problem("font.reference", self._used_fonts[identifier])
        for identifier in self._used_drawable.keys() - self._drawable:
            self._reader.problem("resource.reference", self._used_drawable[identifier])

    def _add_font(self, font: xml.Element, folder: str) -> None:
        file = xml.child(font, "FontFile")
        path = resolve_in(folder, xml.text(file)) if file is not None else None
        if path is not None:
            self._reader.file(path)
        identifier = font.get("ID", "")
        self.fonts[identifier] = Font(identifier, font.get("FontName", ""), path)
