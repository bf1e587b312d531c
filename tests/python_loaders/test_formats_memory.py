"""Memory stays flat however long a delivery is, in every format."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SMALL, LARGE = 16, 96  # megabytes; three blocks of 4 MiB are in flight
SCRIPT = """
import io, json, resource, sys
from pathlib import Path
from tempfile import mkdtemp

import fastavro
from python_loaders.contract.extract import Limits
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.readers import open_reader
from reading import table_of

name, size, extract, head, record, tail = json.loads(sys.argv[1])

class Endless:
    def __init__(self, parts):
        self.parts, self.rest = parts, b""
    def read(self, size):
        while len(self.rest) < size and (part := next(self.parts, b"")):
            self.rest += part
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

def texts():
    yield head.encode()
    block = record.encode() * 1000
    for _ in range(size * 1_000_000 // len(block)):
        yield block
    yield tail.encode()

def avro():
    fields = [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}]
    schema = fastavro.parse_schema({"type": "record", "name": "r", "fields": fields})
    out = io.BytesIO()
    fastavro.writer(out, schema, [{"a": n, "b": "x" * 90} for n in range(1000)])
    whole = out.getvalue()
    begin = whole.index(whole[-16:]) + 16
    yield whole
    for _ in range(size * 10):
        yield whole[begin:]

columns = {"a": {"data_type": "bigint", "at": [1, 9]}, "b": {"data_type": "text", "at": [10, 91]}}
table = table_of(columns, {"format": name} | extract)
scratch = Path(mkdtemp())
(scratch / "file").touch()
stream = LimitedStream(
    Endless(avro() if name == "avro" else texts()),
    scratch / "file",
    Limits(max_ratio=1, max_bytes=1 << 40),
)
stream._by_ratio = 1 << 40
reader = open_reader(stream, table, table.extracts[0], "file", scratch)
rows = sum(chunk.rows.height for chunk in reader.chunks())
print(json.dumps([rows, reader.byte_count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""
LONG = "x" * 90
TEXTS = {
    "csv": ({}, "a,b\n", f"1,{LONG}\n", ""),
    "csv, read by record": ({}, "a,b\n", f"1,{LONG}\n" * 9 + '1,""\n', ""),
    "ndjson": ({}, "", f'{{"a": 1, "b": "{LONG}"}}\n', ""),
    "ndjson, read by record": ({}, "", f'{{"a": 1, "b": "{{{LONG}"}}\n', ""),
    "json": ({}, "[", f'{{"a": 1, "b": "{LONG}"}},', f'{{"a": 1, "b": "{LONG}"}}]'),
    "fixed": ({"trim": "right"}, "", f"{1:<9}{LONG:<91}\n", ""),
    "xml": ({"records": "/r/f"}, "<r>", f"<f><a>1</a><b>{LONG}</b></f>", "</r>"),
    "avro": ({}, "", "", ""),
}


def peak(name: str, megabytes: int) -> tuple[int, int, int]:
    """Return rows, bytes and the largest memory in KiB of reading a delivery of that size."""
    extract, head, record, tail = TEXTS[name]
    arguments = [name.partition(",")[0], megabytes, extract, head, record, tail]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(arguments)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert done.returncode == 0, done.stderr
    rows, size, kilobytes = json.loads(done.stdout)
    return rows, size, kilobytes


@pytest.mark.soak
@pytest.mark.parametrize("name", TEXTS)
def test_memory_is_flat(name: str) -> None:
    few, small, before = peak(name, SMALL)
    many, large, after = peak(name, LARGE)
    assert large > 5 * small
    assert many > 5 * few
    assert after - before < 48_000, f"{before >> 10} MiB, then {after >> 10} MiB"
