"""The text objects of a page content."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sealkit.formats.ofd import xml

Problem = tuple[str, str]


def page_texts(content: Element) -> tuple[dict[str, str], list[Problem]]:
    """Return text by object ID in drawing order, and what breaks the format's rules."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for shown in xml.descendants(content, "TextObject"):
        identifier = shown.get("ID", "")
        if not is_box(shown.get("Boundary", "")):
            problems.append(("box.malformed", f"object {identifier}"))
        parts = []
        for code in xml.children(shown, "TextCode"):
            # White space inside a text code is drawn: it is not stripped.
            parts.append(code.text or "")
            advances = len(list(expand_deltas(code.get("DeltaX", ""))))
            if len(parts[-1]) > 1 and advances != len(parts[-1]) - 1 and not code.get("DeltaY"):
                problems.append(("text.deltas", f"object {identifier}"))
        texts[identifier] = "".join(parts)
    return texts, problems


def expand_deltas(deltas: str) -> Iterator[float]:
    """Yield the advances of a DeltaX or DeltaY; ``g count value`` stands for a run.

    What is no number ends the list: the caller compares its length with the text's.
    """
    parts = iter(deltas.split())
    for part in parts:
        try:
            if part == "g":
                count, value = int(next(parts)), float(next(parts))
                if not 0 <= count <= 10_000:
                    return
                for _ in range(count):
                    yield value
            else:
                yield float(part)
        except (ValueError, StopIteration):
            return


def is_box(box: str) -> bool:
    """Tell whether `box` is four numbers of which width and height are above zero."""
    parts = box.split()
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return False
    return len(numbers) == 4 and numbers[2] > 0 and numbers[3] > 0
