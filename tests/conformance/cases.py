"""How a bad licence is written down: one function, one defect, one expected finding."""

from dataclasses import dataclass, field

CASES = {}


@dataclass(frozen=True)
class Shown:
    """What is shown to the verifier, when more than the document differs from the sound case."""

    document: bytes
    sources: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One bad licence. Its name is its id, its docstring the description."""

    build: object
    finds: str
    verdict: str
    also: frozenset

    def shown(self, world):
        made = self.build(world)
        return made if isinstance(made, Shown) else Shown(made)


def bad_licence(*, finds, verdict="invalid", also=()):
    """Register a function that builds exactly one defect.

    `also` are further findings that the same defect cannot help causing.
    """

    def register(build):
        assert build.__name__ not in CASES, f"two cases called {build.__name__}"
        assert build.__doc__, f"{build.__name__} does not say what it is"
        CASES[build.__name__] = Case(build, finds, verdict, frozenset(also))
        return build

    return register
