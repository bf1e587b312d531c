"""Schema versions on PostgreSQL show the same rows as on DuckDB, below views that stay."""

import pytest
from ferries import CONTRACT, HEADER, ROWS, Ferries

from python_loaders.contract.widening import widens

EVOLVE = CONTRACT.replace("extracts:", "contract: evolve\n            extracts:")
NAMES = ["crew", "toll", "seen_on", "seen_at", "calm", "remark"]
NEW = '7,1.5,2020-05-01,2020-05-01T10:00:00.5Z,true,"it\'s ""odd"""'
COLUMNS = ", ".join(["year", "ship", *NAMES])


def with_new(year: int, values: str = NEW, names: str = ",".join(NAMES)) -> str:
    row = ROWS.splitlines()[0].replace("2020,", f"{year},")
    return f"{HEADER.strip()},{names}\n{row},{values}\n"


def on_both(ferries: Ferries, columns: str) -> str:
    """Return the rows as both engines show them."""
    ferries.stage()
    assert ferries.run("stage").exit_code == 0
    sql = f"select {columns} from raw_ferries.crossings order by _seq, _source_row"
    shown = [
        ferries.run("query", sql, "--format", "csv", "--target", target).stdout
        for target in ("duckdb", "postgres")
    ]
    assert shown[0] == shown[1]
    return shown[0]


def test_new_columns_are_null_in_older_deliveries(ferries: Ferries) -> None:
    ferries.describe(EVOLVE)
    row = ROWS.splitlines()[0] + "\n"
    ferries.land("crossings20.csv", HEADER + row)
    ferries.stage()
    ferries.execute("create view seen as select year, ship from raw_ferries.crossings")
    ferries.land("crossings21.csv", with_new(2021))
    assert on_both(ferries, COLUMNS).splitlines()[1:] == [
        "2020,Aurora,,,,,,",
        '2021,Aurora,7,1.5,2020-05-01,2020-05-01 10:00:00.500000,True,"it\'s ""odd"""',
    ]
    assert ferries.rows("select count(*) from seen") == [(2,)]


def test_a_widened_column_shows_older_deliveries_unchanged(ferries: Ferries) -> None:
    ferries.describe(EVOLVE)
    ferries.land("crossings20.csv", with_new(2020))
    ferries.stage()
    ferries.land("crossings21.csv", with_new(2021, "0.25,2020-05-01T00:00:00Z", "crew,seen_on"))
    assert on_both(ferries, "crew, seen_on, toll").splitlines()[1:] == [
        "7.00,2020-05-01 00:00:00,1.5",
        "0.25,2020-05-01 00:00:00,",
    ]


COLUMN_TYPES = {
    "year": "smallint",
    "passengers": "integer",
    "fare": "decimal(6,2)",
    "left_on": "date",
    "late": "boolean",
}
WIDENINGS = [
    (column, old, new)
    for column, old in COLUMN_TYPES.items()
    for new in ("bigint", "double", "decimal(12,2)", "timestamp", "text")
    if widens(old, new)
]


@pytest.mark.parametrize(("column", "old", "new"), WIDENINGS)
def test_both_engines_widen_alike(ferries: Ferries, column: str, old: str, new: str) -> None:
    ferries.land("crossings20.csv", HEADER + ROWS)
    ferries.stage()
    quoted = f'"{old}"' if "(" in old else old
    before = f"{{name: {column}, data_type: {quoted}"
    assert before in CONTRACT
    contract = CONTRACT.replace(before, f'{{name: {column}, data_type: "{new}"')
    ferries.describe(contract.replace("key_columns: [year]", "key: '2020'"))
    assert on_both(ferries, column).count("\n") == 4
