import json
from pathlib import Path

import pytest
from ferries import CONTRACT, HEADER, ROWS, Ferries, year

ALL = "select * from raw_ferries.crossings order by year, _source_row"
PLACES = "select ctid, xmin, year from raw_ferries.crossings order by 1"
LOG = "select * from raw_contrail.deliveries order by seq"


def test_rows_are_those_of_duckdb(ferries: Ferries) -> None:
    ferries.land("crossings.csv", year(2020) + "2020,one column too few\n")
    ferries.stage()
    assert ferries.run("stage").exit_code == 0
    for sql in (ALL, LOG, "select * from raw_contrail.rejects"):
        shown = [
            ferries.run("query", sql, "--format", "csv", "--target", target)
            for target in ("duckdb", "postgres")
        ]
        duckdb, postgres = (result.stdout for result in shown)
        assert postgres == duckdb, shown
        assert postgres.count("\n") > 1


def test_a_table_without_deliveries_has_columns_and_no_rows(ferries: Ferries) -> None:
    ferries.stage()
    types = ferries.rows(
        """
        select attname, format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = 'raw_ferries.crossings'::regclass and attnum > 0 order by attnum
        """
    )
    assert types == [
        ("year", "smallint"),
        ("ship", "text"),
        ("passengers", "integer"),
        ("fare", "numeric(6,2)"),
        ("wind", "double precision"),
        ("left_on", "date"),
        ("left_at", "timestamp without time zone"),
        ("late", "boolean"),
        ("note", "text"),
        ("_batch_id", "text"),
        ("_seq", "bigint"),
        ("_delivery_key", "text"),
        ("_source_file", "text"),
        ("_source_row", "bigint"),
        ("_landed_at", "timestamp without time zone"),
    ]
    for relation in ("raw_ferries.crossings", "raw_contrail.deliveries", "raw_contrail.rejects"):
        assert ferries.rows(f"select * from {relation}") == []


def test_staging_again_touches_nothing(ferries: Ferries) -> None:
    ferries.land("crossings.csv", year(2020))
    ferries.stage()
    log = LOG.replace("*", "xmin, *")
    before = ferries.rows(PLACES), ferries.rows(log)
    ferries.stage()
    assert (ferries.rows(PLACES), ferries.rows(log)) == before


@pytest.mark.fault(
    "corrected file", outcome="replaces its key only; the older one stays in the log"
)
def test_a_correction_replaces_its_key_and_touches_no_other(ferries: Ferries) -> None:
    ferries.land("crossings_20.csv", year(2020))
    ferries.land("crossings_21.csv", year(2021))
    ferries.stage()
    before = [place for place in ferries.rows(PLACES) if place[2] == 2021]
    ferries.land("crossings_20.csv", year(2020, ROWS.splitlines()[0] + "\n"))
    ferries.stage()
    assert ferries.counts() == {2020: 1, 2021: 3}
    assert [place for place in ferries.rows(PLACES) if place[2] == 2021] == before
    live = ferries.rows("select seq, is_live from raw_contrail.deliveries order by seq")
    assert live == [(1, False), (2, True), (3, True)]
    assert len(ferries.rows("select * from raw_contrail.batches")) == 2


def test_a_replace_finds_its_rows_by_index(ferries: Ferries) -> None:
    ferries.stage()
    ferries.execute(
        "insert into raw_ferries.crossings (_batch_id)"
        "select (n / 100)::text from generate_series(1, 20000) as n;"
        "analyze raw_ferries.crossings"
    )
    plan = ferries.rows("explain delete from raw_ferries.crossings where _batch_id = '7'")
    assert "Index Scan" in str(plan)
    indexes = ferries.rows("select indexdef from pg_indexes where schemaname = 'raw_ferries'")
    assert sorted(definition.split(" USING ")[1] for (definition,) in indexes) == [
        "brin (left_on)",
        "btree (_batch_id)",
    ]


def test_a_delivery_that_the_log_forgot_disappears(ferries: Ferries) -> None:
    ferries.land("crossings_20.csv", year(2020))
    ferries.land("crossings_21.csv", year(2021))
    ferries.stage()
    landing = ferries.root / "data" / "landing"
    landing.rename(landing.with_name("away"))
    ferries.land("crossings_21.csv", year(2021))
    ferries.stage()
    assert ferries.counts() == {2021: 3}
    # Landed anew with the same batch id, but another number and time.
    assert ferries.rows("select distinct _seq from raw_ferries.crossings") == [(1,)]
    assert len(ferries.rows(LOG)) == 1


@pytest.mark.parametrize(
    "loss",
    [
        "drop schema raw_ferries cascade",
        "truncate raw_ferries.crossings",
        "drop schema raw_contrail cascade",
        "drop table raw_contrail.batches, raw_ferries.crossings",
        "delete from raw_contrail.deliveries",
    ],
)
def test_what_somebody_dropped_comes_back_once(ferries: Ferries, loss: str) -> None:
    ferries.land("crossings_20.csv", year(2020))
    ferries.land("crossings_21.csv", year(2021))
    ferries.stage()
    ferries.land("crossings_20.csv", year(2020, ROWS.splitlines()[0] + "\n"))
    ferries.execute(loss)
    ferries.stage()
    assert ferries.counts() == {2020: 1, 2021: 3}
    assert len(ferries.rows("select * from raw_contrail.batches")) == 2
    assert len(ferries.rows(LOG)) == 3


def test_a_gained_column_widens_the_table_below_its_views(ferries: Ferries) -> None:
    ferries.land("crossings_20.csv", year(2020))
    ferries.stage()
    ferries.execute("create view seen as select year, ship from raw_ferries.crossings")
    before = ferries.rows(PLACES)
    gained = "          - {name: crew, data_type: integer, config: {meta: {optional: true}}}\n"
    ferries.describe(CONTRACT + gained)
    ferries.stage()
    assert ferries.rows(PLACES) == before
    header, row = HEADER.strip(), ROWS.splitlines()[0].replace("2020,", "2021,")
    ferries.land("crossings_21.csv", f"{header},crew\n{row},9\n")
    ferries.stage()
    crew = ferries.rows("select year, max(crew) from raw_ferries.crossings group by 1 order by 1")
    assert crew == [(2020, None), (2021, 9)]
    assert ferries.rows("select count(*) from seen") == [(4,)]


def test_a_renamed_column_is_filled_from_its_old_name(ferries: Ferries) -> None:
    ferries.land("crossings.csv", year(2020))
    ferries.stage()
    ferries.describe(
        CONTRACT.replace(
            "{name: wind, data_type: double}",
            "{name: gale, data_type: double, config: {meta: {aliases: [wind]}}}",
        )
    )
    ferries.stage()
    assert ferries.rows("select max(gale), max(wind) from raw_ferries.crossings") == [(0.1, None)]
    ferries.describe(CONTRACT)
    ferries.stage()
    assert ferries.rows("select max(gale), max(wind) from raw_ferries.crossings") == [(None, 0.1)]


def test_a_contract_that_would_lose_what_is_landed_is_refused(ferries: Ferries) -> None:
    ferries.land("crossings.csv", year(2020))
    ferries.stage()
    before = ferries.rows(PLACES)
    without = [line for line in CONTRACT.splitlines() if "name: wind" not in line]
    ferries.describe("\n".join(without))
    result = ferries.run("stage", "--target", "postgres")
    assert result.exit_code == 4
    assert "commit 1 (2020, crossings.csv) landed column 'wind'" in result.stderr
    assert ferries.rows(PLACES) == before


def test_a_changed_type_is_applied_unless_a_view_stands_on_it(ferries: Ferries) -> None:
    ferries.land("crossings.csv", year(2020))
    ferries.stage()
    ferries.describe(CONTRACT.replace("data_type: integer", "data_type: bigint"))
    ferries.stage()
    kinds = ferries.rows("select distinct pg_typeof(passengers)::text from raw_ferries.crossings")
    assert kinds == [("bigint",)]
    ferries.execute("create view seen as select passengers from raw_ferries.crossings")
    ferries.describe(CONTRACT)
    result = ferries.run("stage", "--target", "postgres")
    assert result.exit_code == 1
    assert 'drop schema "raw_ferries" cascade' in result.stderr
    assert ferries.counts() == {2020: 3}


@pytest.mark.fault(
    "file cut, changed or missing", outcome="found and named by verify; never staged"
)
def test_a_damaged_file_leaves_the_old_rows(ferries: Ferries) -> None:
    ferries.land("crossings.csv", year(2020))
    ferries.stage()
    [old] = ferries.parquet()
    ferries.land("crossings.csv", year(2020).replace("Aurora", "Borealis"))
    [new] = set(ferries.parquet()) - {old}
    content = new.read_bytes()
    at = content.index(b"Borealis") if b"Borealis" in content else 40
    new.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    result = ferries.run("stage", "--target", "postgres")
    assert result.exit_code == 1
    assert str(new) in result.stderr
    assert "restore it from a backup" in result.stderr
    assert ferries.rows("select count(*) from raw_ferries.crossings where ship = 'Aurora'") == [
        (1,)
    ]


def test_changed_tables_are_analyzed(ferries: Ferries) -> None:
    ferries.land("crossings.csv", year(2020))
    ferries.stage()
    assert ferries.rows(
        "select reltuples from pg_class where oid = 'raw_ferries.crossings'::regclass"
    ) == [(3,)]


def test_query_as_json_in_the_schema_of_the_marts(ferries: Ferries) -> None:
    ferries.execute("create schema contrail; create view contrail.answer as select 42 as number")
    sql = "select * from answer"
    shown = ferries.run("query", sql, "--target", "postgres", "--format", "json")
    assert json.loads(shown.stdout) == [{"number": 42}]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("drop table raw_ferries.crossings", "read-only transaction"),
        ("delete from raw_ferries.crossings returning 1", "PostgreSQL: "),
        ("copy (select 1) to '{}'", "permission denied"),
        ("copy (select 1) to program 'touch {}'", "permission denied"),
        ("select pg_read_file('/etc/hostname')", "permission denied"),
        ("select 1; select 2", "multiple commands"),
        ("", "exactly one statement"),
        ("set search_path to public", "exactly one statement"),
        ("select nope", 'column "nope" does not exist'),
    ],
)
def test_query_only_reads(ferries: Ferries, sql: str, words: str, open_directory: Path) -> None:
    ferries.stage()
    open_directory.chmod(0o777)
    target = open_directory / "written.csv"
    result = ferries.run("query", sql.format(target), "--target", "postgres")
    open_directory.chmod(0o755)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not target.exists()


def test_without_a_server_the_error_says_what_to_do(
    ferries: Ferries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRAIL_PG_PORT", "1")
    monkeypatch.setenv("CONTRAIL_PG_PASSWORD", "canary")
    for command in (["stage"], ["query", "select 1"]):
        result = ferries.run(*command, "--target", "postgres")
        assert result.exit_code == 1
        assert "PostgreSQL at 127.0.0.1:1" in result.stderr
        assert "contrail postgres run --" in result.stderr
        assert "canary" not in result.output
