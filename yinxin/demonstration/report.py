"""What the demonstration did and found: steps with expectation and outcome."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Step:
    """One step and whether it came out as expected."""

    zh: str
    subject: str
    expected: str
    found: str
    reasons: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether the expectation held."""
        return self.expected == self.found


@dataclass
class StepReport:
    """Every step in order."""

    steps: list[Step] = field(default_factory=list)

    def note(
        self, zh: str, subject: str, expected: str, found: str, reasons: tuple[str, ...] = ()
    ) -> None:
        """Add a step."""
        self.steps.append(Step(zh, subject, expected, found, reasons))

    @property
    def held(self) -> bool:
        """Whether every expectation held."""
        return all(step.held for step in self.steps)

    def write(self, file: Path) -> None:
        """Write the report as JSON."""
        members = {"held": self.held, "steps": [asdict(s) | {"held": s.held} for s in self.steps]}
        file.write_text(json.dumps(members, ensure_ascii=False, indent=2) + "\n", "utf-8")

    def show(self, console: Console) -> None:
        """Print the steps as a table."""
        table = Table(title="演示步骤 · Demonstration", title_justify="left")
        for heading in ("", "步骤", "对象", "预期", "结果", "原因"):
            table.add_column(heading, overflow="fold")
        for step in self.steps:
            mark = "[green]✓[/]" if step.held else "[red]✕[/]"
            found = step.found if step.held else f"[red]{step.found}[/]"
            table.add_row(
                mark, step.zh, step.subject, step.expected, found, "\n".join(step.reasons[:3])
            )
        console.print(table)
