"""Deliveries inside archives, and Parquet."""

import datetime as dt
import gzip
import io
import tarfile
import zipfile

import polars as pl
import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

CSV = (HEADER + ROWS).encode()


def zip_of(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return packed.getvalue()


def tar_of(name: str, content: bytes, mode: str = "w:gz") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for member, data in (("first/other.txt", b"x"), (name, content), ("last.txt", b"y")):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def use_extract(project: Project, files: str, *lines: str) -> None:
    extra = "".join(f"\n                {line}" for line in lines)
    project.describe(CONTRACT.replace('files: ["crossings*.csv"]', f'files: ["{files}"]{extra}'))


@pytest.mark.fault("archive inside of an archive", outcome="opened by pattern")
@pytest.mark.parametrize(
    ("name", "content", "member", "found"),
    [
        ("a.zip", zip_of(b__x_csv=CSV, readme=b"no"), "*.csv", "a.zip/b/x.csv"),
        ("a.zip", zip_of(x_csv=CSV), None, "a.zip/x.csv"),
        ("a.whl", zip_of(b__x_csv=CSV, x_csv=b"no"), "b/x.csv", "a.whl/b/x.csv"),
        ("a.tar.gz", tar_of("b/x.csv", CSV), "*/x.csv", "a.tar.gz/b/x.csv"),
        ("a.tar", tar_of("b/x.csv", CSV, "w"), "*/x.csv", "a.tar/b/x.csv"),
        ("a.csv.gz", gzip.compress(CSV), None, "a.csv.gz"),
        ("a.csv.gz", gzip.compress(CSV[:50]) + gzip.compress(CSV[50:]), None, "a.csv.gz"),
        (
            "a.tar.gz",
            tar_of("b/x.csv.zip", zip_of(x_csv=CSV)),
            "*/x.csv.zip/x.csv",
            "a.tar.gz/b/x.csv.zip/x.csv",
        ),
        (
            "a.zip",
            zip_of(inner=tar_of("x.csv.gz", gzip.compress(CSV))).replace(b"inner", b"i.tgz"),
            "i.tgz/x.csv.gz",
            "a.zip/i.tgz/x.csv.gz",
        ),
    ],
)
def test_members_are_found_through_nested_archives(
    project: Project, name: str, content: bytes, member: str | None, found: str
) -> None:
    use_extract(project, "a.*", *([f'member: "{member}"'] if member else []))
    project.deliver(name, content)
    result = project.land()
    assert result.exit_code == 0, result.output
    [commit] = project.commits()
    assert commit.rows_landed == 3
    assert commit.input.bytes == len(CSV)
    assert commit.input.source_file == found


@pytest.mark.fault("same bytes again", outcome="unchanged")
def test_the_same_rows_in_another_wrapper_are_unchanged(project: Project) -> None:
    use_extract(project, "a.*")
    project.deliver("a.csv", CSV, seconds=1)
    project.deliver("a.csv.gz", gzip.compress(CSV), seconds=2)
    result = project.land()
    assert result.exit_code == 0
    assert "unchanged" in result.stdout
    assert len(project.commits()) == 1


@pytest.mark.fault("wrong checksum in an archive", outcome="failed")
def test_a_damaged_tar_behind_the_member_is_noticed(project: Project) -> None:
    use_extract(project, "a.tar.gz", 'member: "*/x.csv"')
    whole = bytearray(tar_of("b/x.csv", (HEADER + ROWS * 100).encode()))
    whole[-6] ^= 1  # the checksum at the end of the gzip
    project.deliver("a.tar.gz", bytes(whole))
    result = project.land()
    assert result.exit_code == 1, result.output
    assert "a.tar.gz: the archive is damaged or cut" in result.output
    assert project.commits() == []


def parquet(**columns: object) -> bytes:
    frame = pl.DataFrame(
        {
            "year": [2020, 2020],
            "ship": ["Aurora", "Borealis"],
            "passengers": [120, None],
            "fare": [12.5, None],
            "wind": [3.5, None],
            "left_at": [dt.datetime(2020, 5, 1, 10, tzinfo=dt.UTC), None],
        }
        | columns
    ).with_columns(pl.col("fare").cast(pl.Decimal(8, 2)))
    packed = io.BytesIO()
    frame.write_parquet(packed)
    return packed.getvalue()


def test_parquet_is_cast_without_loss(project: Project) -> None:
    use_extract(project, "*.parquet", "format: parquet")
    project.deliver("crossings.parquet", parquet())
    result = project.land()
    assert result.exit_code == 0, result.output
    assert project.staged(
        "select year, ship, passengers, fare::text, wind, left_at::text, note, _source_row"
        " from raw_ferries.crossings order by _source_row"
    ) == [
        (2020, "Aurora", 120, "12.50", 3.5, "2020-05-01 10:00:00", None, 1),
        (2020, "Borealis", None, None, None, None, None, 2),
    ]


@pytest.mark.fault("column of another type", outcome="only widened without loss, else refused")
@pytest.mark.parametrize(
    ("columns", "exit_code", "words"),
    [
        ({"year": [2020, 99999]}, 3, "row (row 2), column year: 99999 does not fit a smallint"),
        ({"wind": [1.0, float("nan")]}, 3, "column wind: nan is not a finite number"),
        ({"passengers": [1.5, 2.0]}, 3, "column passengers: 1.5 does not fit an integer"),
        ({"ship": ["Aurora", None]}, 3, "column Ship: null, and the column is required"),
        ({"ship": [1, 2]}, 4, "column 'ship' is Int64, the contract says text"),
        ({"left_at": ["x", "y"]}, 4, "column 'left_at' is String, the contract says timestamp"),
        ({"captain": ["x", "y"]}, 4, "column 'captain' is not in the contract"),
        ({"year": [2020, 2021]}, 4, "Split the file"),
    ],
)
def test_parquet_that_does_not_keep_the_contract(
    project: Project, columns: dict[str, list[object]], exit_code: int, words: str
) -> None:
    use_extract(project, "*.parquet", "format: parquet")
    project.deliver("crossings.parquet", parquet(**columns))
    result = project.land()
    assert result.exit_code == exit_code, result.output
    assert "crossings.parquet" in result.output
    assert words in result.output
    assert project.commits() == []


@pytest.mark.fault(
    "file cut, changed or missing", outcome="a Parquet file that was delivered so is refused"
)
def test_a_cut_parquet_file(project: Project) -> None:
    use_extract(project, "*.parquet", "format: parquet")
    project.deliver("crossings.parquet", parquet()[:-10])
    result = project.land()
    assert result.exit_code == 4
    assert "crossings.parquet: not a whole Parquet file" in result.output
