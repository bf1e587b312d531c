"""A delivery that lost rows or values against the one before it is held back."""

import pytest
from ferry_project import CONTRACT, HEADER, Project
from test_deliveries import SNAPSHOT

from python_loaders.contract.options import Guard
from python_loaders.extract import text
from python_loaders.landing.guard import losses

HELD, LANDED = 4, 0


def delivery(rows: int, *, winds: int | None = None, year: int = 2020) -> str:
    """Return crossings of which the first few, or all, have a wind."""
    filled = rows if winds is None else winds
    return HEADER + "".join(
        f"{year},Ship {i},{i},1.00,{'1.5' if i < filled else 'NA'},NA\n" for i in range(rows)
    )


def guarded(limits: str, contract: str = CONTRACT) -> str:
    return contract.replace("extracts:", f"guard: {limits}\n            extracts:")


@pytest.mark.fault(
    "rows or values lost against the delivery before", outcome="held back until a person accepts it"
)
@pytest.mark.parametrize(
    ("before", "after", "exit_code", "words"),
    [
        (delivery(100), delivery(81), LANDED, ""),
        (delivery(100), delivery(80), HELD, "80 rows instead of 100 (-20%)"),
        (delivery(100), delivery(250), LANDED, ""),
        (delivery(5), delivery(4), HELD, "4 rows instead of 5 (-20%)"),
        (delivery(10), delivery(10, winds=2), LANDED, ""),
        (delivery(10), delivery(10, winds=1), HELD, "wind holds a value in 10%, before in 100%"),
        (delivery(10), delivery(90, winds=9), HELD, "wind holds a value in 10%, before in 100%"),
        (delivery(10, winds=5), delivery(10, winds=0), HELD, "a value in 0%, before in 50% of"),
        (delivery(10, winds=4), delivery(10, winds=0), LANDED, ""),
        (delivery(10, winds=0), delivery(10), LANDED, ""),
    ],
)
def test_a_replacement_is_compared_with_what_it_replaces(
    project: Project, before: str, after: str, exit_code: int, words: str
) -> None:
    project.deliver("crossings.csv", before)
    assert project.land().exit_code == LANDED
    project.deliver("crossings.csv", after, seconds=1)
    result = project.land()
    assert result.exit_code == exit_code, result.output
    assert words in result.output
    assert len(project.commits()) == (1 if exit_code else 2)
    if exit_code:
        assert "held back. Compared with commit 1 (2020, crossings.csv)" in result.output
        assert len(project.parquet()) == 1


def test_what_a_person_accepts_is_landed_and_written_down(project: Project) -> None:
    project.deliver("crossings.csv", delivery(10))
    project.land()
    project.deliver("crossings.csv", delivery(5, winds=0), seconds=1)
    assert project.land().exit_code == HELD
    assert project.land("--accept-change").exit_code == LANDED
    assert project.commits()[1].accepted_change == [
        "5 rows instead of 10 (-50%)",
        "column wind holds a value in 0%, before in 100% of the rows",
    ]
    assert project.commits()[0].accepted_change == []
    assert project.commits()[1].nulls == {
        "year": 0, "ship": 0, "passengers": 0, "fare": 0, "wind": 5, "left_at": 5,
    }  # fmt: skip


def test_other_keys_and_appends_are_compared_with_nothing(project: Project) -> None:
    project.deliver("crossings1.csv", delivery(10), seconds=1)
    project.deliver("crossings2.csv", delivery(1, year=2021), seconds=2)
    assert project.land().exit_code == LANDED


def test_an_append_replaces_nothing_and_is_not_compared(project: Project) -> None:
    project.describe(CONTRACT.replace("mode: replace", "mode: append"))
    project.deliver("crossings1.csv", delivery(10), seconds=1)
    project.deliver("crossings2.csv", delivery(1), seconds=2)
    assert project.land().exit_code == LANDED


def test_a_snapshot_is_compared_with_the_one_before_its_date(project: Project) -> None:
    project.describe(SNAPSHOT)
    project.deliver("crossings_20200601.csv", delivery(10), seconds=1)
    assert project.land().exit_code == LANDED
    project.deliver("crossings_20200101.csv", delivery(2), seconds=2)  # late, before all others
    project.deliver("crossings_20200301.csv", delivery(3), seconds=3)  # after 2 rows, before 10
    assert project.land().exit_code == LANDED
    project.deliver("crossings_20200701.csv", delivery(5), seconds=4)
    result = project.land()
    assert result.exit_code == HELD
    assert "Compared with commit 1 (2020-06-01, crossings_20200601.csv)" in result.output


def test_a_snapshot_of_the_same_date_is_compared_with_what_it_replaces(project: Project) -> None:
    project.describe(SNAPSHOT)
    project.deliver("crossings_20200101.csv", delivery(5), seconds=1)
    project.deliver("crossings_20200601.csv", delivery(10), seconds=2)
    project.land()
    project.deliver("crossings_20200601.csv", delivery(6), seconds=3)
    assert project.land().exit_code == HELD


def test_snapshots_in_several_files_are_compared_file_by_file(project: Project) -> None:
    project.describe(SNAPSHOT.replace("period: day,", "period: day, key_file_stem: true,"))
    contract = SNAPSHOT.replace("period: day,", "period: day, key_file_stem: true,")
    project.describe(contract.replace(r"key_pattern: '_(?P", r"key_pattern: '(?P"))
    project.deliver("crossings.20200101.csv", delivery(9), seconds=1)
    project.deliver("crossings_b.20200101.csv", delivery(3), seconds=2)
    project.deliver("crossings_b.20200201.csv", delivery(3), seconds=3)
    assert project.land().exit_code == LANDED
    project.deliver("crossings.20200201.csv", delivery(3), seconds=4)
    result = project.land()
    assert result.exit_code == HELD
    assert "Compared with commit 1 (2020-01-01/crossings," in result.output


def test_an_optional_column_that_is_not_delivered_any_more_is_a_loss(project: Project) -> None:
    with_note = delivery(10).replace("left_at\n", "left_at,note\n").replace("NA\n", "NA,calm\n")
    project.deliver("crossings.csv", with_note)
    project.land()
    project.deliver("crossings.csv", delivery(10), seconds=1)
    result = project.land()
    assert result.exit_code == HELD
    assert "column note is not delivered, before in 100% of the rows" in result.output


@pytest.mark.parametrize(
    ("limits", "exit_code"),
    [
        ("{max_row_loss: 0.6}", LANDED),
        ("{max_row_loss: 0.5}", HELD),
        ("{max_row_loss: null}", LANDED),
        ("{max_row_loss: null, max_value_loss: 0.2}", HELD),
    ],
)
def test_the_limits_stand_in_the_contract(project: Project, limits: str, exit_code: int) -> None:
    project.describe(guarded(limits))
    project.deliver("crossings.csv", delivery(10))
    project.land()
    project.deliver("crossings.csv", delivery(5, winds=4), seconds=1)
    assert project.land().exit_code == exit_code


def test_older_records_without_a_profile_are_compared_by_rows(project: Project) -> None:
    project.deliver("crossings.csv", delivery(10))
    project.land()
    [commit] = project.commits()
    older = commit.model_copy(update={"nulls": None})
    assert losses(older, 10, {"wind": 10}, Guard()) == []
    assert len(losses(commit, 10, commit.nulls | {"wind": 10}, Guard())) == 1
    assert losses(older, 1, {}, Guard()) == ["1 rows instead of 10 (-90%)"]


def test_nulls_are_counted_where_records_name_their_fields(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "BLOCK_BYTES", 100)
    project.describe(
        CONTRACT.replace("crossings*.csv", "crossings*.ndjson").replace(
            "null_values: [NA]", "format: ndjson"
        )
    )
    record = '{"year":2020,"ship":"Ann","passengers":1,"fare":1,"wind":null,"left_at":null'
    project.deliver("crossings.ndjson", f"{record}}}\n" * 7 + f'{record},"note":"calm"}}\n' * 2)
    result = project.land()
    assert result.exit_code == LANDED, result.output
    assert project.commits()[0].nulls == {
        "year": 0, "ship": 0, "passengers": 0, "fare": 0, "wind": 9, "left_at": 9, "note": 7,
    }  # fmt: skip
