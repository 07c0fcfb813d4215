"""Wrong usage of the command line exits 64, so that no script takes it for a verdict.

The command line library exits 2 then, which among our commands means "cannot say".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import typer

# Typer carries the library below it along, and has no public name for this one.
from typer._click.exceptions import NoArgsIsHelpError, UsageError
from typer.core import TyperGroup

EXIT_USAGE: Final = 64


class Mistake(UsageError):
    """The command was called wrongly."""

    exit_code = EXIT_USAGE


class Commands(TyperGroup):
    """The commands of `yinxin`."""

    def make_context(self, *arguments: Any, **members: Any) -> Any:
        """Read the command line; mistakes in it exit 64."""
        with _mistakes():
            return super().make_context(*arguments, **members)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # narrower only in name
        """Run a command; mistakes in its options exit 64."""
        with _mistakes():
            return super().invoke(ctx)


@contextmanager
def _mistakes() -> Iterator[None]:
    try:
        yield
    except NoArgsIsHelpError:
        raise  # a question for help, which is shown
    except UsageError as error:
        raise Mistake(error.format_message(), error.ctx) from error
