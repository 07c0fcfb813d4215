"""The page that a record is printed on: its kind's own layout, or the one derived for it."""

from dataclasses import dataclass
from functools import lru_cache

from issuance.errors import UnknownKindError
from issuance.kind import Kind
from issuance.kind_files import shipped_kind
from issuance.render.derived import EMPTY, Fill, derived_layout, fill_of
from issuance.render.errors import UnknownLayoutError
from issuance.render.layout import Layout, load_layout
from sealkit.record import LicenceRecord

MAX_CACHED = 512
"""Pages kept: a kind has as many as there are ways to fill it."""


@dataclass(frozen=True, slots=True)
class FaceKey:
    """What decides a page, but for the values printed on it."""

    kind: str
    fill: Fill = EMPTY
    """Empty where the layout was made by hand."""


def face_key(record: LicenceRecord) -> FaceKey:
    """Return what decides the page of `record`.

    Raises:
        UnknownLayoutError: for a kind that there is none of.
    """
    kind = kind_of(record)
    if kind.layout:
        return FaceKey(kind.name)
    return FaceKey(kind.name, fill_of(kind, {field.name: field.value for field in record.fields}))


def kind_of(record: LicenceRecord) -> Kind:
    """Return the kind of `record`.

    Raises:
        UnknownLayoutError: for a kind that there is none of.
    """
    try:
        return shipped_kind(record.kind)
    except UnknownKindError as error:
        raise UnknownLayoutError(f"no layout for kind {record.kind}") from error


@lru_cache(maxsize=MAX_CACHED)
def layout_of(key: FaceKey) -> Layout:
    """Return the layout for `key`."""
    kind = shipped_kind(key.kind)
    return load_layout(kind.layout) if kind.layout else derived_layout(kind, key.fill)
