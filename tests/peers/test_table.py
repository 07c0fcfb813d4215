"""docs/interoperability.md names tests that exist, and leaves none of this folder out."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "interoperability.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TABLE)


def names_in(path):
    return set(re.findall(r"^def (test_\w+)\(", (ROOT / path).read_text(), re.MULTILINE))


def test_every_row_names_a_test_that_exists():
    assert len(NAMED) > 40
    for path, name in NAMED:
        assert name in names_in(path), f"{path}::{name}"


def test_every_row_names_a_test():
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and "---" not in line]
    checks = [row for row in rows if not row.startswith(("| what |", "| case |"))]
    unnamed = [row for row in checks if "::" not in row]
    assert all(re.match(r"\| `\w", row) for row in unnamed), unnamed  # where peers differ


def test_the_table_tells_of_every_peer_test():
    apart = {"test_table.py", "test_limits.py"}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.name in apart:
            continue
        named = {name for where, name in NAMED if where.endswith(f"peers/{path.name}")}
        assert names_in(path.relative_to(ROOT)) - named - UNLISTED == set(), path.name


UNLISTED = {
    "test_bouncy_castle_says_so_when_it_cannot_read",
    "test_bouncy_castle_finds_a_signer_that_the_seal_does_not_list",
}
"""About the peer itself."""
