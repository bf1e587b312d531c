"""Our generic tests find what was planted and nothing else, on both engines alike."""

import csv
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import psycopg
import pytest
import shops
from dbt_process import Run
from harbour import ROOT

from python_loaders.postgres.connection import Connection
from python_loaders.postgres.server import Server

TABLES = {
    "sales (shop text, sold_at timestamp, amount double precision, customer integer)": shops.sales,
    "deliveries (delivered_on date)": shops.deliveries,
    """calendar (calendar_date date, is_federal_holiday boolean,
        is_federal_holiday_observed boolean, is_day_before_holiday boolean,
        is_day_after_holiday boolean)""": lambda: [
        (shops.day(number), True, True, False, False) for number in (shops.HOLIDAY, *shops.QUIET)
    ],
    "orders (order_key integer, customer text, phone text, status text, shipped_on date, "
    "returned_on date)": shops.orders,
    "flights (source_system text, carrier text, flown_on date, miles integer)": shops.flights,
    "asked_of_2023 (source_system text, flight_year integer)": lambda: [("mine", 2023)],
    "asked_of_2024 (source_system text, flight_year integer)": lambda: [("mine", 2024)],
    "incidents (monitor text, series text, first_day date, last_day date)": lambda: [
        ("volume", "declared", shops.day(number), shops.day(number))
        for number in (shops.INCIDENT, *shops.PROMOTION)
    ],
}
Found = dict[str, list[tuple]]


@dataclass(frozen=True)
class Watched:
    """The project in shop_project/ and its two databases."""

    directory: Path
    connection: Connection

    @property
    def file(self) -> str:
        return str(self.directory / "warehouse.duckdb")

    def test(self, target: str) -> str:
        """Build and test everything and keep the failing rows; return what dbt printed."""
        environment = self.connection.environment() | {
            "DBT_PROFILES_DIR": str(self.directory),
            "DBT_PROJECT_DIR": str(self.directory),
            "DBT_LOG_LEVEL_FILE": "none",
            "DBT_USE_COLORS": "false",
            "SHOPS_DUCKDB": self.file,
        }
        command = ["build", "--store-failures", "--target", target]
        return Run(command, environment, self.directory / f"{target}.txt").ends_with(1)


@pytest.fixture(scope="module")
def watched(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """The same sales in a DuckDB file and in a database of the server."""
    project = tmp_path_factory.mktemp("shops") / "project"
    shutil.copytree(Path(__file__).parent / "shop_project", project)
    (project / "macros").symlink_to(ROOT / "macros")
    (project / "tests").mkdir()
    (project / "tests" / "generic").symlink_to(ROOT / "tests" / "generic")
    watched = Watched(project, replace(server.start(), dbname="shops"))
    with psycopg.connect(**server.start().parameters, autocommit=True) as session:
        session.execute("create database shops")
    with (
        duckdb.connect(watched.file) as file,
        psycopg.connect(**watched.connection.parameters) as session,
    ):
        file.execute("create schema shops")
        session.execute("create schema shops")
        for table, rows in TABLES.items():
            file.execute(f"create table shops.{table}")
            session.execute(f"create table shops.{table}")
            name = f"shops.{table.partition(' ')[0]}"
            lines = project / "rows.csv"
            with lines.open("w", newline="") as sink:
                csv.writer(sink).writerows(rows())
            file.execute(f"copy {name} from '{lines}' (format csv)")
            with session.cursor().copy(f"copy {name} from stdin (format csv)") as copy:
                copy.write(lines.read_text())
    return watched


def failures(query: Callable[[str], list[tuple]], tests: Iterable[str]) -> Found:
    return {
        test: query(f"select * from shops_dbt_test__audit.{test} order by 1, 2") for test in tests
    }


@pytest.fixture(scope="module")
def printed(watched: Watched) -> dict[str, str]:
    """What each test ended with on DuckDB: PASS, WARN 2, FAIL 3."""
    text = watched.test("duckdb")
    return dict(re.findall(r"\d+ of \d+ (?:PASS|WARN \d+|FAIL \d+) (\w+) \.+ \[(.*?) in", text))


@pytest.fixture(scope="module")
def found(watched: Watched, printed: dict[str, str]) -> Found:
    """The failing rows of every test on DuckDB."""
    with duckdb.connect(watched.file, read_only=True) as connection:
        return failures(lambda sql: connection.execute(sql).fetchall(), printed)


def keys(rows: list[tuple]) -> list[tuple]:
    """The first two columns; of a text with several values, whose numbers engines write in their
    own ways, the first."""
    return [(row[0], str(row[1]).partition(", ")[0]) for row in rows]


def days(found: Found, test: str) -> dict[str, list[int]]:
    """The days that a test fails with, by shop, as numbers."""
    by_shop: dict[str, list[int]] = {}
    for series, day, *_ in found[test]:
        by_shop.setdefault(series, []).append((day - shops.FIRST).days)
    return by_shop


def test_planted_faults_are_found_and_nothing_else(found: Found) -> None:
    assert days(found, "volume") == {
        "halved": [101],
        "doubled": [110],
        "a day without sales": [97],
        "stopped": [*range(119, 133)],
        "closed on a holiday": [shops.HOLIDAY],
        "four weeks old": [*range(129, 133)],
        "growing and halved": [115],
        # What is unusual for weeks becomes usual, and then the days that are as before are not.
        "not declared": [66, 73, 80, 87, 108, 115, 122],
    }
    assert days(found, "null_rate") == {"without customers": [120]}
    assert days(found, "mean") == {"dear": [120]}
    assert days(found, "distinct_count")["one customer"] == [120]
    assert days(found, "freshness")["half a day"] == [120]


def test_a_row_says_what_was_expected(found: Found) -> None:
    rows = {(series, (day - shops.FIRST).days): row for series, day, *row in found["volume"]}
    assert rows["a day without sales", 97][:2] == [0, 16]
    assert rows["halved", 101][:2] == [10, 20]
    # The usual sales of a Thursday, times the growth since; the eight weeks before had 74.
    value, expected, *_ = rows["growing and halved", 115]
    assert (value, round(expected)) == (47, 92)


def test_a_day_is_not_trained_by_itself(found: Found) -> None:
    """Four earlier weeks are needed; the tested day would be the fourth."""
    trained_by = {(row[0], (row[1] - shops.FIRST).days): row[5] for row in found["volume"]}
    assert trained_by["four weeks old", 129] == 4
    assert ("three weeks old", 129) not in trained_by


def test_what_is_known_neither_alerts_nor_trains(found: Found) -> None:
    unknown = days(found, "volume_without_knowledge")
    assert unknown["a holiday"] == [shops.HOLIDAY]
    assert {shops.INCIDENT, *shops.PROMOTION[:3]} <= {*unknown["declared"]}
    # The second of five halved Tuesdays, and then the ordinary ones after them.
    assert unknown["quiet holidays"] == [29, 57, 64, 71, 78]
    known = days(found, "volume")
    assert not {"a holiday", "quiet holidays", "declared"} & {*known}


def test_thresholds_warn_and_fail(printed: dict[str, str], found: Found) -> None:
    [(*_, score)] = [row[:5] for row in found["volume_on_a_holiday"]]
    assert (score, printed["volume_on_a_holiday"]) == (-4, "WARN 1")
    [(*_, score)] = [row[:5] for row in found["volume_that_never_fails"]]
    assert score < -5
    assert printed["volume_that_never_fails"] == "WARN 1"
    assert printed["volume"] == f"FAIL {len(found['volume'])}"
    assert printed["volume_of_large_shops"] == "PASS"


def test_days_may_be_limited(found: Found) -> None:
    assert days(found, "volume_of_the_last_days") == {"stopped": [*range(124, 133)]}
    # April was not delivered to its end; of May nothing was delivered.
    assert days(found, "volume_of_months") == {"stopped": [119, 120]}


def test_deliveries_are_compared_with_those_before(found: Found) -> None:
    assert days(found, "volume_of_deliveries") == {"all": [shops.DELIVERIES[5]]}
    assert days(found, "freshness_of_deliveries") == {"all": [shops.DELIVERIES[8]]}


def test_nulls_without_a_reason_are_found(found: Found) -> None:
    assert found["nulls"] == [
        ("customer", "false", 1),
        ("shipped_on", "status = 'open' or status = 'cancelled'", 3),
        ("status", "false", 1),
    ]


def test_answers_are_compared_without_order(printed: dict[str, str]) -> None:
    assert printed["known_in_any_order"] == printed["known_within_the_tolerance"] == "PASS"


def test_wrong_answers_are_shown_beside_the_right_ones(found: Found) -> None:
    def rows(test: str) -> list[tuple[str, str]]:
        return [(what, text.partition(", ")[0]) for what, text, _ in found[test]]

    assert rows("beyond_the_tolerance") == [("expected", "Ada"), ("got", "Ada")]
    assert rows("another_text") == [("expected", "Eve"), ("got", "Ada")]
    assert rows("a_row_too_few") == [("expected", "Eve"), ("rows got", "2")]
    assert rows("a_row_too_many") == [("got", "O'Hare"), ("rows got", "2")]
    assert rows("a_row_twice") == [("rows got", "4")]


def test_a_question_about_other_flights_only_warns(printed: dict[str, str], found: Found) -> None:
    assert {row[2] for row in found["asked_of_flights_from_elsewhere"]} == {1}
    assert printed["asked_of_flights_from_elsewhere"] == "WARN 2"
    assert {row[2] for row in found["another_text"]} == {0}
    assert printed["another_text"] == "FAIL 2"


def test_both_engines_give_the_same_rows(watched: Watched, found: Found) -> None:
    watched.test("postgres")
    with psycopg.connect(**watched.connection.parameters) as session:
        other = failures(lambda sql: session.execute(sql).fetchall(), found)
    for test, rows in found.items():
        assert keys(other[test]) == keys(rows)
        for mine, theirs in zip(rows, other[test], strict=True):
            assert theirs[2:5] == pytest.approx(mine[2:5], rel=1e-12)
            assert theirs[5:9] == mine[5:9]
