"""A delivery that was taken back leaves PostgreSQL, and the one before it returns."""

from ferries import ROWS, Ferries, year


def test_the_tables_follow_an_undo(ferries: Ferries) -> None:
    ships = "select ship from raw_ferries.crossings where year = 2020 and _source_row = 1"
    ferries.land("crossings2020.csv", year(2020))
    ferries.land("crossings2021.csv", year(2021))
    ferries.land("crossings2020.csv", year(2020, ROWS.replace("Aurora", "Aurora II")))
    ferries.stage()
    assert ferries.rows(ships) == [("Aurora II",)]
    for number, left in (("3", [("Aurora",)]), ("1", [])):
        assert ferries.run("undo", number).exit_code == 0
        ferries.stage()
        assert ferries.rows(ships) == left
    assert ferries.counts() == {2021: 3}
    assert ferries.rows(
        "select seq, operation, undoes_seq, is_live from raw_contrail.deliveries order by seq"
    ) == [
        (1, "land", None, False),
        (2, "land", None, True),
        (3, "land", None, False),
        (4, "undo", 3, False),
        (5, "undo", 1, False),
    ]
    assert ferries.rows("select count(*) from raw_contrail.batches") == [(1,)]


def test_columns_that_came_later_are_added_to_what_is_staged(ferries: Ferries) -> None:
    ferries.land("crossings2020.csv", year(2020))
    ferries.stage()
    ferries.execute("alter table raw_contrail.deliveries drop column operation")
    ferries.stage()
    assert ferries.rows("select seq, operation from raw_contrail.deliveries") == [(1, "land")]
