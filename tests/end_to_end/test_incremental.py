"""One warehouse through a life of deliveries: each build does what it must and no more, and ends
in what a build from nothing gives."""

from pathlib import Path

import pytest
from deliveries import (
    CANCELLED,
    FEBRUARY,
    JANUARY,
    airports_release,
    airportsdata,
    flight,
    monthly_file,
    selected_columns,
)
from tracing import assert_every_mart_is_traced
from warehouse import Warehouse

from python_loaders.landing.log import CommitLog
from python_loaders.stage.duckdb import DuckDBStager

FACTS = ["int_flights__members", "fct_flights", "fct_airport_hourly", "carrier_scorecard"]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("life") / "data")
    airportsdata(warehouse.inbox, "2026-01-01")
    monthly_file(warehouse.inbox, "2024-01", JANUARY)
    monthly_file(warehouse.inbox, "2024-02", FEBRUARY)
    warehouse.land()
    warehouse.build()
    return warehouse


def flights_by_month(warehouse: Warehouse) -> dict[str, int]:
    rows = warehouse.query(
        "select strftime(flight_date, '%Y-%m'), count(*) from fct_flights group by 1"
    )
    return dict(rows)


def test_first_build_takes_everything(warehouse: Warehouse) -> None:
    assert flights_by_month(warehouse) == {"2024-01": 2, "2024-02": 3}
    assert [warehouse.built[fact] for fact in FACTS] == [["2024-01", "2024-02"]] * 4


def test_rows_of_every_mart_lead_back_to_their_deliveries(warehouse: Warehouse) -> None:
    stager = DuckDBStager(warehouse.data / "warehouse.duckdb", warehouse.data / "landing")
    assert_every_mart_is_traced(warehouse, "main", stager.query)
    shown = warehouse.run("contrail", "trace", "flights", "flight_number=1", "origin_code=DFW")
    assert shown.count("flights: flight_key") == 2
    assert shown.count("row 1, line 2:") == 2
    assert '"2024-01-10"' in shown


def test_build_without_news_builds_nothing(warehouse: Warehouse) -> None:
    before = warehouse.contents()
    assert "unchanged" in warehouse.land()
    warehouse.build()
    assert [warehouse.built[fact] for fact in FACTS] == [[]] * 4
    assert warehouse.contents() == before


def test_corrected_month_is_replaced_alone(warehouse: Warehouse, tmp_path: Path) -> None:
    # One flight vanishes, one changes, one is new; the inferred aircraft of the new one too.
    monthly_file(
        warehouse.inbox,
        "2024-02",
        [
            flight("2024-02-01", 1, ArrDelay="21.00", ArrTime="1459"),
            flight("2024-02-20", 3, CANCELLED),
            flight("2024-02-29", 4, Tail_Number="N999ZZ", Origin="JFK"),
        ],
    )
    warehouse.land()
    warehouse.build()
    assert [warehouse.built[fact] for fact in FACTS] == [["2024-02"]] * 4
    assert warehouse.query(
        "select flight_number, arrival_delay_minutes from fct_flights"
        " where flight_date >= '2024-02-01' order by 1"
    ) == [(1, 21), (3, None), (4, -6)]
    assert warehouse.contents() == warehouse.rebuilt_elsewhere(tmp_path / "anew").contents()


def test_month_that_loses_all_its_rows_is_emptied(warehouse: Warehouse) -> None:
    monthly_file(warehouse.inbox, "2024-03", [flight("2024-03-05", 9)])
    warehouse.land()
    warehouse.build()
    assert flights_by_month(warehouse)["2024-03"] == 1
    (record,) = [
        path
        for path in (warehouse.data / "landing" / "_log").glob("*.json")
        if '"2024-03"' in path.read_text()
    ]
    record.unlink()  # the newest commit: as if the landing zone had been restored without it
    (
        warehouse.inbox / "On_Time_Reporting_Carrier_On_Time_Performance_1987_present_2024_3.zip"
    ).unlink()
    warehouse.land()
    warehouse.build()
    assert [warehouse.built[fact] for fact in FACTS] == [["2024-03"]] * 4
    assert "2024-03" not in flights_by_month(warehouse)


def test_snapshot_moves_only_the_flights_it_concerns(warehouse: Warehouse) -> None:
    # As of 10 February Detroit has another name; flights before and other airports keep theirs.
    airports_release(warehouse.inbox, "2023-06-01", {"DTW": "Detroit Metro", "DFW": "Dallas"})
    warehouse.land()
    warehouse.build()
    assert warehouse.built["fct_flights"] == []
    airports_release(warehouse.inbox, "2024-02-10", {"DTW": "Detroit Wayne", "DFW": "Dallas"})
    warehouse.land()
    warehouse.build()
    assert warehouse.built["fct_flights"] == ["2024-02"]
    assert warehouse.query(
        "select flight_date, destination_name from flights order by flight_date"
    ) == warehouse.query(
        "select flight_date, case when flight_date < '2024-02-10' then 'Detroit Metro'"
        " else 'Detroit Wayne' end from fct_flights order by flight_date"
    )


def test_anonymous_rows_extend_the_months_without_doubling_flights(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    # Flight 1 of January again without carrier and number, and one that nobody knows yet.
    selected_columns(
        warehouse.inbox,
        "T_ONTIME_REPORTING",
        [flight("2024-01-10", 1), flight("2024-01-11", 1, CRSDepTime="0600", DepTime="0557")],
    )
    warehouse.land()
    warehouse.build()
    assert warehouse.built["fct_flights"] == ["2024-01"]
    assert flights_by_month(warehouse)["2024-01"] == 3
    assert warehouse.query(
        "select resolution from main_intermediate.int_flights__matched"
        " where source_system = 'bts_selected' order by flight_date"
    ) == [("known_from_better_source",), ("kept",)]
    assert warehouse.contents() == warehouse.rebuilt_elsewhere(tmp_path / "anew").contents()


def test_undone_deliveries_leave_every_model(warehouse: Warehouse, tmp_path: Path) -> None:
    commits = CommitLog(warehouse.data / "landing").read()
    (january, first, second) = (c for c in commits if c.table == "on_time_monthly")
    assert (january.key, first.key, second.key) == ("2024-01", "2024-02", "2024-02")
    warehouse.run("contrail", "undo", str(second.seq))  # February as it was before its correction
    warehouse.run("contrail", "undo", january.batch_id)
    assert warehouse.land().count("stale (landed as commit") == 2
    warehouse.build()
    assert [warehouse.built[fact] for fact in FACTS] == [["2024-01", "2024-02"]] * 4
    # What else is known of January are the rows without carrier and number.
    numbers = "select flight_date >= '2024-02-01', flight_number from fct_flights order by 1, 2"
    assert warehouse.query(numbers) == [(False, None)] * 2 + [(True, 1), (True, 2), (True, 3)]
    assert warehouse.contents() == warehouse.rebuilt_elsewhere(tmp_path / "anew").contents()


def test_every_data_test_passes_at_the_end(warehouse: Warehouse) -> None:
    warehouse.run("dbt", "test", "--exclude", "tag:known_answers")
