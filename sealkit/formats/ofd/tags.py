"""Custom tags: which objects on which page print a field."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.pages import Page
from sealkit.formats.ofd.reading import Reader

MAX_TAGGED_OBJECTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class TaggedObject:
    """One object that prints a field, or a part of it."""

    page_id: str
    object_id: str
    text: str
    """Empty when there is no such text object, which is also a problem of the document."""


def read_tags(
    reader: Reader, lists: Iterable[str], pages: Iterable[Page]
) -> dict[str, tuple[TaggedObject, ...]]:
    """Return field name → its objects in order, from every tag file in the lists.

    The vocabulary of a tag file is its maker's own; the field is the element that holds the
    ObjectRef elements.

    Raises:
        OFDError: if a file is missing or cannot be read, or there are too many objects.
    """
    texts = {page.id: page.texts for page in pages}
    found: dict[str, list[TaggedObject]] = {}
    count = 0
    for path in [file for list_path in lists for file in _tag_files(reader, list_path)]:
        for field, reference in _references(reader.tree(path)):
            count += 1
            if count > MAX_TAGGED_OBJECTS:
                raise OFDError("ofd.tags", "too many tagged objects")
            found.setdefault(field, []).append(_tagged(reader, field, reference, texts))
    return {field: tuple(objects) for field, objects in found.items()}


def _tag_files(reader: Reader, list_path: str) -> list[str]:
    listed = xml.children(reader.tree(list_path), "CustomTag")
    for entry in listed:
        for schema in xml.children(entry, "SchemaLoc"):
            reader.file(reader.location(schema, list_path))
    return [reader.location(xml.child(entry, "FileLoc"), list_path) for entry in listed]


def _tagged(
    reader: Reader, field: str, reference: xml.Element, texts: Mapping[str, Mapping[str, str]]
) -> TaggedObject:
    page, shown = reference.get("PageRef", ""), xml.text(reference)
    printed = texts.get(page, {}).get(shown)
    if printed is None:
        reader.problem("tag.reference", f"{field}: {page}/{shown}")
    return TaggedObject(page, shown, printed or "")


def _references(tagged: xml.Element) -> Iterator[tuple[str, xml.Element]]:
    for holder in tagged.iter():
        for entry in holder:
            if xml.local(entry) == "ObjectRef":
                yield xml.local(holder), entry
