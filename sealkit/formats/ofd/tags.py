"""Custom tags: which objects on which page print a field."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from sealkit.formats.ofd import xml

Problem = tuple[str, str]


def read_tags(
    tagged: Element, texts: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Return field name → texts of its objects, from a tag file of any vocabulary.

    `texts` is page ID → object ID → text. The field is the element that holds the
    ObjectRef elements; a reference to no text object is a problem.
    """
    found: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for holder, reference in _references(tagged):
        page, shown = reference.get("PageRef", ""), xml.text(reference)
        printed = texts.get(page, {}).get(shown)
        if printed is None:
            problems.append(("tag.reference", f"{holder}: {page}/{shown}"))
            printed = ""
        found.setdefault(holder, []).append(printed)
    return {name: tuple(parts) for name, parts in found.items()}, problems


def _references(tagged: Element) -> Iterator[tuple[str, Element]]:
    for holder in tagged.iter():
        for entry in holder:
            if xml.local(entry) == "ObjectRef":
                yield xml.local(holder), entry
