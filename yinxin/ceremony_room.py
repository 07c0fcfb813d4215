"""A ceremony's room at a terminal: questions are asked, answers are typed, shares are shown.

Standard input may be a file of answers, one a line, as in a rehearsal.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typer
from rich.console import Console

from ca.ceremonies.printed import step_words, told_words
from ca.errors import CeremonyAbortedError
from ca.keystores import sealing, shares
from ca.keystores.secret import Secret
from ca.keystores.shares import ShareSet
from yinxin.keystores import secret_in

INTERFACES: Final = Path("/sys/class/net")
"""Where the kernel lists network interfaces."""
_UP: Final = 0x1
_LOOPBACK: Final = 0x8


class Terminal:
    """Leads through a ceremony on a terminal."""

    def __init__(
        self,
        console: Console,
        *,
        shares_out: Path | None = None,
        shares_in: Mapping[str, Path] | None = None,
        agreed: bool = False,
    ) -> None:
        """Take where shares go and come from; neither: they are shown, and typed.

        Args:
            console: where everything is shown.
            shares_out: directory for a file for each share.
            shares_in: by the name of a key, a file with its shares, one a line.
            agreed: everybody agrees to everything; for rehearsals.
        """
        self._console = console
        self._shares_out = shares_out
        self._shares_in = dict(shares_in or {})
        self._agreed = agreed

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(UTC)

    def connections(self) -> tuple[str, ...]:
        """Return the interfaces that are up, the loopback left out."""
        return tuple(sorted(one.name for one in INTERFACES.iterdir() if _is_up(one)))

    def confirm(self, step: str, people: Sequence[str], told: Mapping[str, str]) -> None:
        """Show what is to be done; each person agrees by typing their name.

        Raises:
            CeremonyAbortedError: if one types anything else.
        """
        self._show(step, told)
        if self._agreed:
            return
        for person in people:
            typed = typer.prompt(
                f"   {person}：同意请键入姓名 · type your name to agree",
                err=True,
                default="",
                show_default=False,
            )
            if typed.strip() != person:
                raise CeremonyAbortedError(f"{person} does not agree: {step}")

    def tell(self, step: str, told: Mapping[str, str]) -> None:
        """Show what was done."""
        self._show(step, told)

    def hand_out(self, key: str, holder: str, number: int, share: str) -> None:
        """Show a share to its holder alone, or write it to a file of its own."""
        if self._shares_out is not None:
            self._shares_out.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self._shares_out / f"{key}-share-{number}.txt"
            sealing.write_file(file, f"{share}\n".encode())
            return
        self._console.print(f"[bold]密钥分片 {number} → {holder} · Share {number}[/]  ({key})")
        self._console.print(share, soft_wrap=True, highlight=False)
        if sys.stdin.isatty():
            typer.prompt(
                "   抄录后按回车，屏幕将清空 · Enter clears the screen", default="", err=True
            )
            self._console.clear()

    def shares_of(self, key: str, known: ShareSet) -> Secret:
        """Return what the holders' shares open.

        Raises:
            ShareError: if one is wrong, or they are too few.
            KeystoreError: if a file of shares cannot be read.
        """
        if key in self._shares_in:
            return secret_in(self._shares_in[key], known)
        if self._shares_out is not None:
            found = sorted(self._shares_out.glob(f"{key}-share-*.txt"))
            if found:
                lines = [file.read_text("ascii").strip() for file in found]
                return shares.combine(lines, known)
        typed = [
            typer.prompt(
                f"   {key} 密钥分片 {place}/{known.threshold} · Share", hide_input=True, err=True
            )
            for place in range(1, known.threshold + 1)
        ]
        return shares.combine(typed, known)

    def _show(self, step: str, told: Mapping[str, str]) -> None:
        self._console.print(f"[bold]■ {step_words(step)}[/]")
        for name, text in told.items():
            self._console.print(f"   {told_words(name)}: {text}", highlight=False, markup=False)


def _is_up(interface: Path) -> bool:
    try:
        flags = int((interface / "flags").read_text("ascii"), 16)
    except (OSError, ValueError):
        return True  # what cannot be known to be down counts as up
    return bool(flags & _UP) and not flags & _LOOPBACK
