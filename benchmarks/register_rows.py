"""Ten thousand or a million rows for the register, copied within the database from one edition.

They are editions, holders and status slots of one issuer that nobody asks for; what the
questions of the benchmark look up stands among them. One in a hundred has ended.
"""

from typing import Final

from sqlalchemy import Connection, Table, text

from issuance.tables import edition_holders, editions, status_slots

LIST_SLOTS: Final = 1 << 16
"""As many slots as a list gives out here; half of what it holds."""
_NUMBERS: Final = {
    "sqlite": (
        "WITH RECURSIVE rows(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM rows WHERE n < :last)"
    ),
    "postgresql": (
        "WITH rows(n) AS (SELECT generate_series(CAST(:first AS integer), CAST(:last AS integer)))"
    ),
}
_PADDED: Final = {
    "sqlite": "substr('0000000' || n, -7)",
    "postgresql": "lpad(n::text, 7, '0')",
}
_INDEX: Final = {
    "sqlite": "randomblob(32)",
    "postgresql": "sha256(n::text::bytea)",
}


def fill(connection: Connection, rows: int, *, after: int = 0) -> None:
    """Add the rows numbered `after` + 1 to `rows`: copies of the first edition but for names."""
    span = {"first": after + 1, "last": rows}
    dialect = connection.dialect.name
    number = _PADDED[dialect]
    first = "(SELECT * FROM editions WHERE serial NOT LIKE 'FILLED%' LIMIT 1) AS one"
    names = {
        "serial": f"'FILLED0000000' || {number}",
        "identifier": f"'1.2.156.3005.2.FILLED.' || {number}",
        "number_index": _INDEX[dialect],
        "slot": f"n % {LIST_SLOTS}",
        "list_number": f"1000 + n / {LIST_SLOTS}",
    }
    head = f"{_NUMBERS[dialect]} "
    _insert(connection, editions, names, head, f"rows, {first}", span)
    holder = {
        "serial": names["serial"],
        "version": "1",
        "position": "0",
        "holder_index": _INDEX[dialect],
    }
    _insert(connection, edition_holders, holder, head, f"rows, {first}", span)
    # The list that the questions look into is as full as one gets.
    list_number = f"one.list_number + n / {LIST_SLOTS // 2}"
    slot = {
        "list_number": list_number,
        "slot": f"{LIST_SLOTS // 2} + n % {LIST_SLOTS // 2}",
        "value": "CASE WHEN n % 100 = 0 THEN 1 ELSE 0 END",
        "changed_at": "one.planned_at",
    }
    _insert(connection, status_slots, slot, head, f"rows, {first}", span, ignore=True)
    connection.execute(text("ANALYZE"))


def _insert(
    connection: Connection,
    table: Table,
    made: dict[str, str],
    head: str,
    source: str,
    span: dict[str, int],
    *,
    ignore: bool = False,
) -> None:
    columns = [column.name for column in table.columns]
    values = ", ".join(made.get(name, f"one.{name}") for name in columns)
    tail = " ON CONFLICT DO NOTHING" if ignore else ""
    # SQLite wants a WHERE before ON CONFLICT, to tell it from a join.
    statement = (
        f"{head}INSERT INTO {table.name} ({', '.join(columns)}) "
        f"SELECT {values} FROM {source} WHERE true{tail}"
    )
    connection.execute(text(statement), span)
