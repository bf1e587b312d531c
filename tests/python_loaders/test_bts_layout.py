"""The files of the Bureau of Transportation Statistics, in their real layout and contract."""

import csv
import io
import zipfile

import pytest
from ferry_project import REPOSITORY, Project

# The header of January 2016 as published, except for the names that changed in 2018.
COMMON = """Year,Quarter,Month,DayofMonth,DayOfWeek,FlightDate,{0},{1},{2},{3},{4},
OriginAirportID,OriginAirportSeqID,OriginCityMarketID,Origin,OriginCityName,OriginState,
OriginStateFips,OriginStateName,OriginWac,DestAirportID,DestAirportSeqID,DestCityMarketID,Dest,
DestCityName,DestState,DestStateFips,DestStateName,DestWac,CRSDepTime,DepTime,DepDelay,
DepDelayMinutes,DepDel15,DepartureDelayGroups,DepTimeBlk,TaxiOut,WheelsOff,WheelsOn,TaxiIn,
CRSArrTime,ArrTime,ArrDelay,ArrDelayMinutes,ArrDel15,ArrivalDelayGroups,ArrTimeBlk,Cancelled,
CancellationCode,Diverted,CRSElapsedTime,ActualElapsedTime,AirTime,Flights,Distance,DistanceGroup,
CarrierDelay,WeatherDelay,NASDelay,SecurityDelay,LateAircraftDelay,FirstDepTime,TotalAddGTime,
LongestAddGTime,DivAirportLandings,DivReachedDest,DivActualElapsedTime,DivArrDelay,DivDistance"""
DIVERSION = """Div{0}Airport,Div{0}AirportID,Div{0}AirportSeqID,Div{0}WheelsOn,Div{0}TotalGTime,
Div{0}LongestGTime,Div{0}WheelsOff,Div{0}TailNum"""
BEFORE_2018 = ("UniqueCarrier", "AirlineID", "Carrier", "TailNum", "FlightNum")
SINCE_2018 = (
    "Reporting_Airline",
    "DOT_ID_Reporting_Airline",
    "IATA_CODE_Reporting_Airline",
    "Tail_Number",
    "Flight_Number_Reporting_Airline",
)
# One real row: text quoted, "" and nothing at all both occur, and a comma at the end.
ROW = (
    '2016,1,1,6,3,2016-01-06,"AA",19805,"AA","N4YBAA","43",11298,1129804,30194,"DFW",'
    '"Dallas/Fort Worth, TX","TX","48","Texas",74,11433,1143302,31295,"DTW","Detroit, MI","MI",'
    '"26","Michigan",43,"1100","1057",-3.00,0.00,0.00,-1,"1100-1159",15.00,"1112","1424",8.00,'
    '"1438","1432",-6.00,0.00,0.00,-1,"1400-1459",0.00,"",0.00,158.00,155.00,132.00,1.00,986.00,'
    '4,,,,,,"",,,0,,,,,' + '"",,,"",,,"","",' * 5
)


def header(names: tuple[str, ...]) -> str:
    columns = COMMON.format(*names) + "".join("," + DIVERSION.format(n) for n in range(1, 6))
    return ",".join(f'"{name}"' for name in columns.replace("\n", "").split(",")) + ","


@pytest.fixture
def bts(project: Project) -> Project:
    contract = REPOSITORY / "models" / "staging" / "bts" / "_bts__sources.yml"
    project.describe(contract.read_text(), source="bts")
    return project


def month_file(names: tuple[str, ...], *rows: str) -> bytes:
    text = "\r\n".join([header(names), *(rows or (ROW,)), ""])
    return text.encode("windows-1252")


def test_the_fixture_has_the_real_width() -> None:
    for line in (header(SINCE_2018), ROW):
        assert len(next(csv.reader([line]))) == 110


@pytest.mark.parametrize("names", [BEFORE_2018, SINCE_2018], ids=["before 2018", "since 2018"])
def test_the_full_monthly_file(bts: Project, names: tuple[str, ...]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        accented = ROW.replace("Detroit, MI", "San José, CR")
        archive.writestr("On_Time_2016_1.csv", month_file(names, ROW, accented))
        archive.writestr("readme.html", "<html>")
    bts.deliver("On_Time_Reporting_Carrier_On_Time_Performance_2016_1.zip", packed.getvalue())
    result = bts.land("bts")
    assert result.exit_code == 0, result.output
    assert bts.commits()[0].key == "2016-01"
    assert bts.staged(
        "select reporting_airline, tail_number, flight_number_reporting_airline,"
        " flightdate::text, origincityname, destcityname, originstatefips, deptime,"
        " depdelay::text, cancellationcode, firstdeptime, div5tailnum, carrierdelay"
        " from raw_bts.on_time_monthly where _source_row = 2"
    ) == [
        (
            "AA", "N4YBAA", 43, "2016-01-06", "Dallas/Fort Worth, TX", "San José, CR", "48", "1057",
            "-3.00", None, None, None, None,
        )
    ]  # fmt: skip


def test_a_month_in_two_files_is_one_month(bts: Project) -> None:
    bts.deliver("On_Time_a.csv", month_file(BEFORE_2018), seconds=1)
    bts.deliver("On_Time_b.csv", month_file(SINCE_2018, ROW, ROW), seconds=2)
    assert bts.land("bts").exit_code == 0
    assert bts.staged("select count(*) from raw_bts.on_time_monthly") == [(2,)]


def test_two_months_in_one_file_are_refused(bts: Project) -> None:
    february = ROW.replace("2016,1,1,6,3,2016-01-06", "2016,1,2,6,6,2016-02-06")
    bts.deliver("On_Time_a.csv", month_file(SINCE_2018, ROW, february))
    result = bts.land("bts")
    assert result.exit_code == 4
    assert "(2016, 1), (2016, 2)" in result.output
    assert "Split the file, one month each" in result.output


def test_a_column_of_the_monthly_file_may_not_be_missing(bts: Project) -> None:
    bts.deliver("On_Time_a.csv", month_file(SINCE_2018).replace(b'"ArrDelay",', b""))
    result = bts.land("bts")
    assert result.exit_code == 4
    assert "line 1: column 'ArrDelay' is missing" in result.output


def test_a_line_without_the_last_comma_is_rejected(bts: Project) -> None:
    bts.deliver("On_Time_a.csv", month_file(SINCE_2018, ROW, ROW.removesuffix(",")))
    result = bts.land("bts")
    assert result.exit_code == 3
    assert "line 3 (row 2): the record has 109 fields, the header has 110" in result.output


@pytest.mark.parametrize("comma", ["", ","], ids=["newer", "older"])
def test_a_selectable_download_holds_some_columns(bts: Project, comma: str) -> None:
    bts.deliver(
        "T_ONTIME_REPORTING.csv",
        f"YEAR,MONTH,FL_DATE,OP_UNIQUE_CARRIER,OP_CARRIER_FL_NUM,ORIGIN,DEST,CRS_DEP_TIME,"
        f"DEP_DELAY{comma}\n"
        f'2024,1,1/6/2024 12:00:00 AM,"AA",43,"DFW","DTW",0626,-5.00{comma}\n'
        f'2024,1,1/16/2024 12:00:00 AM,"AA",44,"DFW","DTW","0626",{comma}\n',
    )
    result = bts.land("bts.on_time_selected")
    assert result.exit_code == 0, result.output
    assert bts.commits()[0].key == "2024-01/t_ontime_reporting"
    assert bts.staged(
        "select year, flightdate::text, reporting_airline, crsdeptime, depdelay::text, arrdelay"
        " from raw_bts.on_time_selected order by _source_row"
    ) == [
        (2024, "2024-01-06", "AA", "0626", "-5.00", None),
        (2024, "2024-01-16", "AA", "0626", None, None),
    ]


def test_the_date_alone_can_tell_the_month(bts: Project) -> None:
    text = "FL_DATE,ORIGIN,DEST,CRS_DEP_TIME,DEP_TIME\n{}/6/2024 12:00:00 AM,DFW,DTW,0626,0626\n"
    bts.deliver("IL_T_ONTIME.csv", text.format(1))
    bts.deliver("TX_T_ONTIME.csv", text.format(2))
    assert bts.land("bts").exit_code == 0
    assert [commit.key for commit in bts.commits()] == [
        "2024-01/il_t_ontime",
        "2024-02/tx_t_ontime",
    ]
    assert [str(commit.period_end) for commit in bts.commits()] == ["2024-02-01", "2024-03-01"]


def test_a_date_with_a_clock_is_rejected(bts: Project) -> None:
    bts.deliver(
        "T_ONTIME.csv",
        "FL_DATE,ORIGIN,DEST,CRS_DEP_TIME,CANCELLED\n1/6/2024 1:30:00 PM,DFW,DTW,0626,0.00\n",
    )
    result = bts.land("bts")
    assert result.exit_code == 3
    assert "column FlightDate: '1/6/2024 1:30:00 PM' is not a date like" in result.output


@pytest.mark.parametrize("column", ["CANCELLED", "DEP_TIME", "DEP_DELAY"])
def test_a_selection_must_tell_cancelled_flights(bts: Project, column: str) -> None:
    content = "FL_DATE,ORIGIN,DEST,CRS_DEP_TIME{}\n1/6/2024 12:00:00 AM,DFW,DTW,0626{}\n"
    bts.deliver("T_ONTIME.csv", content.format("", ""))
    result = bts.land("bts")
    assert result.exit_code == 4
    assert (
        "line 1: none of the columns 'Cancelled', 'DepTime', 'DepDelay' is delivered"
        in result.output
    )
    bts.deliver("T_ONTIME.csv", content.format(f",{column}", ",1"))
    assert bts.land("bts").exit_code == 0


def test_a_row_that_is_dated_outside_of_its_month_refuses_the_file(bts: Project) -> None:
    # It would stay behind in its own month when this file is corrected.
    bts.deliver("On_Time_2016_1.csv", month_file(SINCE_2018, ROW, ROW.replace("-01-06", "-02-06")))
    result = bts.land()
    assert result.exit_code == 4
    assert "(FlightDate) holds 2 values: (2016, 1), (2016, 2) where other columns say 2016-01" in (
        result.output
    )
