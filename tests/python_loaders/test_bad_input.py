"""Bad input: a clear error with file, line and what to do, an exit code, and nothing landed."""

import gzip
import io
import zipfile

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

# Without quotes, so that the fast path has to notice what is wrong by itself.
GOOD = HEADER + ROWS.replace('"Old ""Ann"", of 1901"', "Old Ann")
REFUSED, REJECTED, FAILED, USAGE = 4, 3, 1, 2


def row(line: str) -> str:
    return GOOD + line + "\n"


def refuse(project: Project, exit_code: int, *words: str) -> str:
    result = project.land()
    assert result.exit_code == exit_code, result.output
    assert [word for word in words if word not in result.output] == [], result.output
    assert project.commits() == []
    assert project.parquet() == []
    assert list((project.landing / "_tmp").iterdir()) == []
    return result.output


@pytest.mark.fault("undeclared encoding", outcome="refused, with the line", case="latin-1")
@pytest.mark.fault("undeclared encoding", outcome="refused, with the line", case="utf-16")
@pytest.mark.fault("unterminated quote", outcome="refused, with the line", case="unclosed quote")
@pytest.mark.fault(
    "unterminated quote", outcome="refused, with the line", case="quote out of place"
)
@pytest.mark.fault("NUL byte", outcome="refused, with the line", case="NUL")
@pytest.mark.fault(
    "short or long row", outcome="quarantine, or refused over the limit", case="short row"
)
@pytest.mark.fault(
    "short or long row", outcome="quarantine, or refused over the limit", case="long row"
)
@pytest.mark.fault("blank line", outcome="quarantine, or refused over the limit", case="blank line")
@pytest.mark.fault(
    "value of another type",
    outcome="quarantine, or refused over the limit",
    case="text in an integer",
)
@pytest.mark.fault(
    "value of another type",
    outcome="quarantine, or refused over the limit",
    case="fraction in an integer",
)
@pytest.mark.fault(
    "number that overflows",
    outcome="quarantine, or refused over the limit",
    case="integer overflow",
)
@pytest.mark.fault(
    "number that overflows",
    outcome="quarantine, or refused over the limit",
    case="decimal overflow",
)
@pytest.mark.fault(
    "impossible date", outcome="quarantine, or refused over the limit", case="30 February"
)
@pytest.mark.fault(
    "null in a required column",
    outcome="quarantine, or refused over the limit",
    case="null in a required column",
)
@pytest.mark.fault(
    "NaN or infinity", outcome="as the contract says: quarantine, NULL, or kept", case="NaN"
)
@pytest.mark.fault(
    "NaN or infinity", outcome="as the contract says: quarantine, NULL, or kept", case="infinity"
)
@pytest.mark.fault(
    "empty file, or only a header",
    outcome="refused: it would replace a key with nothing",
    case="empty",
)
@pytest.mark.fault(
    "empty file, or only a header",
    outcome="refused: it would replace a key with nothing",
    case="only a header",
)
@pytest.mark.fault("column added", outcome="freeze and quarantine: refused", case="column added")
@pytest.mark.fault("column removed", outcome="refused", case="column removed")
@pytest.mark.fault(
    "column renamed",
    outcome="refused, with the name that it looks renamed from",
    case="column renamed",
)
@pytest.mark.fault("header with a name twice", outcome="refused", case="name twice")
@pytest.mark.parametrize(
    ("content", "exit_code", "words"),
    [
        (
            GOOD.replace("wind,left_at", "wind,left_at,captain").replace("\n2020", ",Bob\n2020"),
            REFUSED,
            ["line 1", "column 'captain' is not in the contract", "change the contract"],
        ),
        (
            "year,ship,passengers,fare,left_at\n2020,Ann,1,1,NA\n",
            REFUSED,
            ["line 1", "column 'wind' is missing", "Ask for a correct delivery"],
        ),
        (
            GOOD.replace("passengers", "passenger_s"),
            REFUSED,
            ["line 1", "'passenger_s' is not in the contract (looks renamed from 'passengers')"],
        ),
        (
            GOOD.replace("fare", "SHIP"),
            REFUSED,
            ["line 1", "column 'SHIP' is delivered twice", "'fare' is missing"],
        ),
        (
            row("2020,Ann,1"),
            REJECTED,
            ["line 5 (row 4): the record has 3 fields, the header has 6", "2020,Ann,1"],
        ),
        (
            row("2020,Ann,1,1,1,NA,extra"),
            REJECTED,
            ["line 5 (row 4): the record has 7 fields", "2020,Ann,1,1,1,NA,extra"],
        ),
        (row(""), REJECTED, ["line 5 (row 4): the line is blank"]),
        (
            row("2020,Ann,twelve,1,1,NA"),
            REJECTED,
            ["line 5 (row 4), column passengers: 'twelve' is not an integer", "max_rows 0"],
        ),
        (row("2020,Ann,2.0,1,1,NA"), REJECTED, ["column passengers: '2.0' is not an integer"]),
        (row("2020,Ann,3000000000,1,1,NA"), REJECTED, ["'3000000000' is not an integer"]),
        (row("99999,Ann,1,1,1,NA"), REJECTED, ["column year: '99999' is not a smallint"]),
        (row("2020,Ann,1,1.005,1,NA"), REJECTED, ["column fare: '1.005' is not a decimal(6,2)"]),
        (row("2020,Ann,1,12345,1,NA"), REJECTED, ["column fare: '12345' is not a decimal(6,2)"]),
        (row("2020,Ann,1,1,NaN,NA"), REJECTED, ["column wind: 'NaN' is not a finite number"]),
        (row("2020,Ann,1,1,1e400,NA"), REJECTED, ["column wind: '1e400' is not a finite number"]),
        (
            row("2020,Ann,1,1,1,2020-02-30T10:00:00Z"),
            REJECTED,
            ["column left_at: '2020-02-30T10:00:00Z' is not a timestamp like %Y-%m-%dT%H:%M:%S"],
        ),
        (row("2020,NA,1,1,1,NA"), REJECTED, ["column Ship: 'NA' means null", "required"]),
        (row("2020,,1,1,1,NA").replace(",,", ',"",'), 0, []),
        (row("2021,Ann,1,1,1,NA"), REFUSED, ["one year", "2020", "2021", "Split the file"]),
        ("", REFUSED, ["the file is empty", "Ask for a complete delivery"]),
        (
            GOOD.replace(",", ";"),
            REFUSED,
            ["line 1", "the columns are separated by ';', which is not the contract's delimiter"],
        ),
        (
            "<html>\n<p>404</p>\n",
            REFUSED,
            ["line 1", "none of the contract's columns is delivered, but '<html>'"],
        ),
        (HEADER, REFUSED, ["holds no record. Ask"]),
        (
            row('2020,"Ann,1,1,1,NA'),
            REFUSED,
            ["line 5: a quote is out of place", "double the quotes"],
        ),
        (row('2020,5" gun,1,1,1,NA'), REFUSED, ["line 5: a quote is out of place"]),
        (row("2020,An\0n,1,1,1,NA"), REFUSED, ["line 5: holds a NUL byte"]),
        (row("2020,An\rn,x,1,1,NA"), REFUSED, ["line 5", "carriage return"]),
        (row("2020,An\rn,1,1,1,NA"), REFUSED, ["line 5", "carriage return"]),
        (
            row("2020,Ærø,1,1,1,NA").encode("windows-1252"),
            REFUSED,
            ["line 5: byte 0xc6 is not valid utf-8", "encoding:"],
        ),
        (GOOD.encode("utf-16"), REFUSED, ["line 1", "UTF-16", "encoding: utf-16"]),
    ],
    ids=[
        "column added",
        "column removed",
        "column renamed",
        "name twice",
        "short row",
        "long row",
        "blank line",
        "text in an integer",
        "fraction in an integer",
        "integer overflow",
        "smallint overflow",
        "too many decimals",
        "decimal overflow",
        "NaN",
        "infinity",
        "30 February",
        "null in a required column",
        "empty text",
        "two keys",
        "empty",
        "another delimiter",
        "another file",
        "only a header",
        "unclosed quote",
        "quote out of place",
        "NUL",
        "carriage return and a bad value",
        "carriage return",
        "latin-1",
        "utf-16",
    ],
)
def test_csv(project: Project, content: str | bytes, exit_code: int, words: list[str]) -> None:
    project.deliver("crossings.csv", content)
    if exit_code:
        refuse(project, exit_code, "crossings.csv", *words)
    else:
        assert project.land().exit_code == 0


@pytest.mark.fault("declared encoding", outcome="read as declared, without replacing anything")
def test_a_byte_that_windows_1252_does_not_know(project: Project) -> None:
    project.describe(CONTRACT.replace("null_values: [NA]", "encoding: windows-1252"))
    project.deliver("crossings.csv", GOOD.encode() + b"2020,\x81,1,1,1,\n")
    refuse(project, REFUSED, "crossings.csv, line 5: byte 0x81 is not valid cp1252")


@pytest.mark.fault("more rejects than allowed", outcome="refused; nothing is landed")
def test_only_the_first_rejects_are_shown(project: Project) -> None:
    project.deliver("crossings.csv", GOOD + "2020,Ann,x,1,1,NA\n" * 50)
    output = refuse(project, REJECTED, "50 bad row(s)", "line 5 (row 4)", "line 9 (row 8)")
    assert "line 10 " not in output


def zipped(content: str, name: str = "crossings.csv", times: int = 1) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(times):
            archive.writestr(f"{number}{name}" if number else name, content)
    return packed.getvalue()


@pytest.fixture
def packed(project: Project) -> Project:
    project.describe(
        CONTRACT.replace('files: ["crossings*.csv"]', 'files: ["*.zip", "*.gz"]').replace(
            "null_values: [NA]", 'null_values: [NA]\n                member: "*crossings.csv"'
        )
    )
    return project


MANY = HEADER + ROWS * 500


@pytest.mark.fault("cut archive", outcome="failed")
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_zip(packed: Project, part: float) -> None:
    whole = zipped(MANY)
    packed.deliver("crossings.zip", whole[: int(len(whole) * part)])
    refuse(packed, FAILED, "crossings.zip: the archive is damaged or cut", "fetch it again")


@pytest.mark.fault("wrong checksum in an archive", outcome="failed")
def test_a_zip_with_a_flipped_bit(packed: Project) -> None:
    whole = bytearray(zipped(MANY))
    whole[200] ^= 1
    packed.deliver("crossings.zip", bytes(whole))
    refuse(packed, FAILED, "crossings.zip: the archive is damaged or cut")


@pytest.mark.fault("no member, or more than one", outcome="refused")
def test_a_zip_with_two_matching_members(packed: Project) -> None:
    packed.deliver("crossings.zip", zipped(GOOD, times=2))
    refuse(packed, REFUSED, "2 members match '*crossings.csv', exactly one must", "1crossings.csv")


@pytest.mark.fault("no member, or more than one", outcome="refused")
def test_a_zip_without_the_member(packed: Project) -> None:
    packed.deliver("crossings.zip", zipped(GOOD, name="readme.html"))
    refuse(packed, REFUSED, "0 members match", "It holds: readme.html")


@pytest.mark.fault("encrypted archive", outcome="failed")
def test_an_encrypted_zip(packed: Project) -> None:
    whole = bytearray(zipped(GOOD))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(mark) + offset] |= 1
    packed.deliver("crossings.zip", bytes(whole))
    refuse(packed, FAILED, "crossings.zip", "encrypted", "Unpack it first")


@pytest.mark.fault("zip bomb", outcome="failed")
def test_a_zip_bomb(packed: Project) -> None:
    packed.deliver("crossings.zip", zipped(HEADER + "2020,Ann,1,1,1,NA\n" * 5_000_000))
    refuse(packed, FAILED, "unpacks to more than 200 times its size")


@pytest.mark.fault("path that leads out of the archive", outcome="never used as a path")
def test_names_inside_archives_are_not_paths(packed: Project) -> None:
    packed.deliver("crossings.zip", zipped(GOOD, name="../../../crossings.csv"))
    assert packed.land().exit_code == 0
    assert not (packed.root.parent / "crossings.csv").exists()


@pytest.mark.fault("cut archive", outcome="failed", case="cut")
@pytest.mark.fault("wrong checksum in an archive", outcome="failed", case="checksum")
@pytest.mark.parametrize("damage", ["cut", "checksum"])
def test_a_damaged_gzip(project: Project, damage: str) -> None:
    project.describe(CONTRACT.replace("crossings*.csv", "crossings*.gz"))
    whole = bytearray(gzip.compress(MANY.encode()))
    if damage == "cut":
        del whole[-20:]
    else:
        whole[-6] ^= 1
    project.deliver("crossings.csv.gz", bytes(whole))
    refuse(project, FAILED, "crossings.csv.gz: the archive is damaged or cut")


def test_an_unknown_source_names_the_known_ones(project: Project) -> None:
    result = project.land("fairies")
    assert result.exit_code == USAGE
    assert "unknown source 'fairies'. Did you mean 'ferries'?" in result.output
    assert "ferries.crossings" in result.output


def test_a_file_that_no_contract_matches_is_named(project: Project) -> None:
    project.deliver("below/odd.txt", "x")
    project.deliver("crossings.csv", GOOD)
    result = project.land()
    assert result.exit_code == 0
    assert "no contract matches these files of the inbox: below/odd.txt" in result.output


def test_one_bad_delivery_does_not_stop_the_others(project: Project) -> None:
    project.deliver("crossings1.csv", "year\n", seconds=1)
    project.deliver("crossings2.csv", row("2020,Ann,x,1,1,NA"), seconds=2)
    project.deliver("crossings3.csv", GOOD, seconds=3)
    result = project.land()
    assert result.exit_code == REFUSED  # the worst of 4, 3 and 0
    assert [commit.input.file for commit in project.commits()] == ["crossings3.csv"]
    assert "refused" in result.stdout


def test_outside_of_a_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    result = project.land()
    assert result.exit_code == USAGE
    assert "no dbt_project.yml here or above" in result.output
