"""Templates and the words they speak: what every page is rendered with."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from yinxin.words import words

_environment = Environment(
    loader=PackageLoader("yinxin"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **values: Any) -> str:
    """Return `template` with the words of the catalogue as `say`."""
    return _environment.get_template(template).render({"say": words()} | values)
