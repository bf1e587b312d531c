"""Hostile values and column names are staged on PostgreSQL exactly as on DuckDB."""

import csv
import io

import duckdb
import pytest
from ferries import CONTRACT, HEADER, Ferries
from hypothesis import example, given, settings
from hypothesis import strategies as st

EVOLVE = CONTRACT.replace("extracts:", "contract: evolve\n            extracts:").replace(
    "rejects: {max_rows: 1}", "rejects: {max_ratio: 0.9}"
)
ODD = [
    "=cmd|' /C calc'!A0", '"; drop table x; --', "'; drop schema raw_ferries cascade; --", '"',
    "\\", "\\N", "\\.", "%s", "{}", "$1", "\ufeff", "\u202ecba", "\u2028", "\x1b[2J", "\x7f",
    "\U0001f6f3", "İ", "a\nb", "a\r\nb", "a\tb", "x" * 100_000, "", " ",
]  # fmt: skip
TEXT = st.one_of(st.sampled_from(ODD), st.text(max_size=30))
NAMES = st.sampled_from(["select", "user", "table", "order", "x" * 63, "year_", "a", "_a", 'x"y'])


@pytest.mark.fault("SQL in names", outcome="refused or quoted, never run")
@pytest.mark.parametrize("examples", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_both_engines_hold_what_was_delivered(ferries: Ferries, examples: int) -> None:
    ferries.describe(EVOLVE)

    @settings(max_examples=examples, deadline=None)
    @given(values=st.lists(TEXT, min_size=1, max_size=9), name=NAMES)
    @example(values=ODD, name="select")
    def check(values: list[str], name: str) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([*HEADER.strip().split(","), name])
        good = ["1", "1", "1", "NA", "NA", "NA"]
        writer.writerow(["2020", "NA", *good, "kept"])
        writer.writerows(["2020", value, *good, value] for value in values)
        path = ferries.root / "data" / "inbox" / "crossings.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.getvalue(), newline="")
        result = ferries.run("land", "--accept-change")
        if name in ("_a", 'x"y'):
            assert result.exit_code == 4
            return
        assert result.exit_code == 0 or "\0" in text.getvalue(), result.output
        ferries.stage()
        assert ferries.run("stage").exit_code == 0
        if result.exit_code:  # refused for its NUL, and so perhaps without the new column
            return
        sql = f'select _source_row, ship, "{name}" from raw_ferries.crossings order by 1'
        rows = ferries.rows(sql)
        with duckdb.connect(
            ferries.root / "data" / "warehouse.duckdb", read_only=True
        ) as warehouse:
            assert warehouse.execute(sql).fetchall() == rows
        for number, ship, _ in rows[1:]:
            delivered = values[number - 2]
            assert ship == (None if delivered == "NA" else delivered)
        for relation in ("rejects", "deliveries"):
            assert ferries.rows(f"select count(*) from raw_contrail.{relation}")

    check()
    assert ferries.rows("select 1 from pg_namespace where nspname = 'raw_ferries'") == [(1,)]
