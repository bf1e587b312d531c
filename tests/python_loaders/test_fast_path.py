"""The fast path may give up, but must never differ from the careful one."""

import yaml
from ferry_project import CONTRACT
from hypothesis import example, given, settings
from hypothesis import strategies as st

from python_loaders.contract.model import SourcesFile, Table
from python_loaders.errors import ContractError
from python_loaders.extract.binding import Binding
from python_loaders.extract.blocks import Block
from python_loaders.extract.csv_fast import parse_fast
from python_loaders.extract.csv_slow import parse_slow
from python_loaders.extract.quotes import misplaced_quote

TABLE = SourcesFile.model_validate(yaml.safe_load(CONTRACT)).sources[0].tables[0]
PLAIN = ["2020", "Ann", "1", "1.00", "0.5", "2020-05-01T10:00:00Z"]
ODD = [
    *("", "NA", " 2 ", "2.0", "+1", "007", "1e3", "1e400", "NaN", "inf", ".5", "5.", "-", "0x1"),
    *("99999", "1.005", "12345.1", "x", "é", "a\rb", '"q"', '""', '"a,b"', '"a\nb"', '"a""b"', '"'),
    *("2020-02-30T10:00:00Z", "2020-05-01 10:00:00", "NA ", '"NA"', '"7"', "1,000", "a\u2028b"),
]
FIELD = st.sampled_from(ODD)
WIDTH = len(PLAIN)


def with_field(position: int, field: str) -> list[str]:
    return [*PLAIN[:position], field, *PLAIN[position + 1 :]]


RECORD = st.one_of(
    st.builds(with_field, st.integers(0, WIDTH - 1), FIELD),
    st.integers(0, WIDTH - 1).map(lambda width: PLAIN[:width]),
    st.lists(FIELD, max_size=WIDTH + 2),
)
# Mostly sound, so that one odd record does not hide behind another.
RECORDS = st.lists(st.one_of(st.just(PLAIN), st.just(PLAIN), RECORD), min_size=1, max_size=3)


def with_markers(table: Table, markers: list[str]) -> Table:
    extract = table.extracts[0].model_copy(update={"null_values": markers})
    return table.model_copy(update={"extracts": [extract]})


@example(records=[with_field(2, '""')], end="\n", final=True, markers=["NA"])
@example(records=[with_field(4, "")], end="\n", final=True, markers=["NA"])
@example(records=[with_field(4, "inf")], end="\n", final=True, markers=["NA"])
@example(records=[PLAIN, PLAIN[:4]], end="\r\n", final=False, markers=[""])
@settings(max_examples=1000, deadline=None)
@given(
    records=RECORDS,
    end=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
    markers=st.sampled_from([["NA"], [""], ["NA", ""]]),
)
def test_fast_is_slow(records: list[list[str]], end: str, final: bool, markers: list[str]) -> None:
    table = with_markers(TABLE, markers)
    binding = Binding(table, tuple(table.landed_columns[:6]))
    text = end.join(",".join(record) for record in records) + (end if final else "")
    data = text.encode()
    if not data or misplaced_quote(data, ",") is not None:
        return
    block = Block(data, 2, data.count(b"\n") + (not data.endswith(b"\n")))
    fast = parse_fast(block, binding, table.extracts[0], trailing=False)
    if fast is None:
        return
    try:
        rows, rejects = parse_slow(block, binding, table.extracts[0], "file", trailing=False)
    except ContractError as error:
        raise AssertionError(f"the fast path accepts what cannot be split: {error}") from error
    assert rejects == []
    assert fast.rows() == rows.rows()
    assert fast.schema == rows.schema


def test_plain_blocks_take_the_fast_path() -> None:
    data = (",".join(PLAIN) + "\n").encode()
    binding = Binding(TABLE, tuple(TABLE.landed_columns[:6]))
    assert parse_fast(Block(data, 2, 1), binding, TABLE.extracts[0], trailing=False) is not None
