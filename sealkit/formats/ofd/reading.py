"""Following references through a package, remembering what was reached and what is wrong.

A reference that leads nowhere is an `OFDError`. A rule that is broken while the document
stays readable is a problem: a stable code and a detail, for the verifier to grade.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.simple_types import identifier

MAX_ALIKE: Final = 50
"""Problems of one code; those of another, perhaps graver code are noted all the same."""
MAX_DETAIL_CHARACTERS: Final = 120

Problem = tuple[str, str]
"""Stable code, and detail for a person."""


class Reader:
    """One walk over the files of a package."""

    def __init__(self, entries: Mapping[str, bytes]) -> None:
        self.entries = entries
        self.reached: set[str] = set()
        self.problems: list[Problem] = []
        self.ids: set[int] = set()
        self._alike: Counter[str] = Counter()
        self._budget = xml.Budget()

    def problem(self, code: str, detail: str = "") -> None:
        """Note a broken rule; of one code not more than `MAX_ALIKE` times."""
        self._alike[code] += 1
        if self._alike[code] <= MAX_ALIKE:
            self.problems.append((code, detail[:MAX_DETAIL_CHARACTERS]))

    def file(self, name: str) -> bytes:
        """Return the entry `name`, which is reached by this.

        Raises:
            OFDError: ``ofd.reference.missing``.
        """
        try:
            content = self.entries[name]
        except KeyError as error:
            raise OFDError("ofd.reference.missing", name[:MAX_DETAIL_CHARACTERS]) from error
        self.reached.add(name)
        return content

    def tree(self, name: str) -> xml.Element:
        """Return the root element of the entry `name`.

        A tree takes far more memory than its file: take what is needed and let it go
        before the next is parsed.

        Raises:
            OFDError: ``ofd.reference.missing`` or ``xml.…``.
        """
        return xml.parse(self.file(name), self._budget)

    def spend_on(self, name: str) -> bytes:
        """Return the entry `name`, which is paid for as if it were parsed anew.

        Raises:
            OFDError: ``ofd.reference.missing`` or ``xml.size``.
        """
        content = self.file(name)
        xml.check_size(content, self._budget)
        return content

    def locations(self, elements: Iterable[xml.Element], holder: str) -> tuple[str, ...]:
        """Return the entries that `elements`, standing in the file `holder`, name.

        Raises:
            OFDError: ``ofd.reference.…``.
        """
        return locations(elements, holder)

    def location(self, element: xml.Element | None, holder: str) -> str:
        """Return the entry that `element`, standing in the file `holder`, names by its text.

        Raises:
            OFDError: ``ofd.reference.…``.
        """
        return location(element, holder)

    def remember(self, text: str, where: str, *, duplicate: str = "id.duplicate") -> None:
        """Note the ID `text` of something in `where`; an ID is given once in a document.

        `duplicate` is the code of the problem when it is given again.
        """
        found = identifier(text)
        if found is None:
            self.problem("id.malformed", f"{where}: {text}")
        elif found in self.ids:
            self.problem(duplicate, f"{where}: {text}")
        else:
            self.ids.add(found)

    def remember_all(self, root: xml.Element, where: str) -> None:
        """Note the IDs of all elements of a file, and attributes in the format's namespace."""
        self.remember_found(*found_in(root), where)

    def remember_found(self, ids: Iterable[str], qualified: Iterable[str], where: str) -> None:
        """Note what `found_in` found in a file."""
        for text in ids:
            self.remember(text, where)
        for name in qualified:
            self.problem("attribute.qualified", f"{where}: {name}")


def found_in(root: xml.Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the IDs of all elements, and the attributes in the format's namespace.

    Elements are in the namespace, attributes are not: a reader that looks for ``ID`` does
    not see ``ofd:ID``.
    """
    ids: list[str] = []
    qualified: list[str] = []
    for element in root.iter():
        attributes = element.attrib
        if "ID" in attributes:
            ids.append(attributes["ID"])
        for name in attributes:
            if name[0] == "{" and name.startswith("{" + xml.OLD_NAMESPACE):
                qualified.append(name)
    return tuple(ids), tuple(qualified)


def locations(elements: Iterable[xml.Element], holder: str) -> tuple[str, ...]:
    """Return the entries that `elements`, standing in the file `holder`, name.

    Raises:
        OFDError: ``ofd.reference.…``.
    """
    return tuple(location(element, holder) for element in elements)


def location(element: xml.Element | None, holder: str) -> str:
    """Return the entry that `element`, standing in the file `holder`, names by its text.

    Raises:
        OFDError: ``ofd.reference.…``.
    """
    if element is None:
        raise OFDError("ofd.reference.missing", f"in {holder[:MAX_DETAIL_CHARACTERS]}")
    return resolve(xml.text(element), holder)
