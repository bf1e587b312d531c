"""Layers of packing: what is opened, what is refused, and that no damage passes."""

import gzip
import io
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from python_loaders.contract.extract import Limits
from python_loaders.errors import ContrailError
from python_loaders.extract.archive import open_member

ROWS = "".join(f"{number},name {number * 7919 % 1000}\n" for number in range(40)).encode()


def zst(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(content)


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is there twice
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(*members: tuple[str, bytes], **header: object) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in header.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def tar_of_1979() -> bytes:
    """Return a tar without the mark that came ten years later."""
    whole = bytearray(tarred(("x.csv", ROWS)))
    whole[257:265] = bytes(8)
    whole[148:156] = b" " * 8
    whole[148:156] = b"%06o\0 " % sum(whole[:512])
    return bytes(whole)


def zip64() -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w") as archive,
        archive.open("x.csv", "w", force_zip64=True) as member,
    ):
        member.write(ROWS)
    return packed.getvalue()


def read(
    scratch: Path,
    name: str,
    content: bytes,
    member: str | None = None,
    limits: Limits | None = None,
) -> tuple[bytes, str]:
    path = scratch / name
    path.write_bytes(content)
    with open_member(path, member, scratch, limits) as (stream, found):
        data = b"".join(iter(lambda: stream.read(1 << 16), b""))
    return data, found


SKIPPABLE = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"


@pytest.mark.fault("archive inside of an archive", outcome="opened by pattern")
@pytest.mark.parametrize(
    ("name", "content", "member", "found"),
    [
        ("x.csv", ROWS, None, ""),
        ("x.csv.zst", zst(ROWS), None, ""),
        ("x.csv.zst", zst(ROWS[:50]) + SKIPPABLE + zst(ROWS[50:]), None, ""),
        ("x.csv.zst", SKIPPABLE + zst(ROWS), None, ""),
        ("x.csv.gz", gzip.compress(ROWS[:9]) + gzip.compress(ROWS[9:]) + b"\0" * 99, None, ""),
        ("x.csv.gz.zst", zst(gzip.compress(ROWS)), None, ""),
        ("x.tar.zst", zst(tarred(("a/x.csv", ROWS), ("b", b""))), "a/*", "a/x.csv"),
        ("x.tzst", zst(tarred(("x.csv", ROWS))), None, "x.csv"),
        ("x.zip.zst", zst(zipped(("x.csv", ROWS))), "x.csv", "x.csv"),
        ("x.zip", zipped(("a/", b""), ("a/b.zip", zipped(("x.csv", ROWS)))), None, "a/b.zip/x.csv"),
        ("x.zip", zipped(("x.csv.zst", zst(ROWS)), ("y", b"")), "x.*", "x.csv.zst"),
        ("x.zip", zip64(), None, "x.csv"),
        ("x.zip", b"#!/bin/sh\n" + zipped(("x.csv", ROWS)), None, "x.csv"),
        ("x.zip", zipped(("x.csv", ROWS), method=zipfile.ZIP_LZMA), None, "x.csv"),
        ("x.zip", zipped(("x.csv", ROWS), method=zipfile.ZIP_BZIP2), None, "x.csv"),
        ("x.zip", zipped(("x.csv", ROWS), method=zipfile.ZIP_STORED), None, "x.csv"),
        # Names say nothing or lie: the first bytes decide.
        ("export", gzip.compress(zst(ROWS)), None, ""),
        ("x.csv", zipped(("data", tarred(("x", ROWS)))), None, "data/x"),
        ("x.zip", gzip.compress(ROWS), None, ""),
        ("x.tar", tar_of_1979(), None, "x.csv"),
    ],
)
def test_layers(tmp_path: Path, name: str, content: bytes, member: str | None, found: str) -> None:
    assert read(tmp_path, name, content, member) == (ROWS, found)


def links() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind in (("a.csv", tarfile.SYMTYPE), ("b.csv", tarfile.LNKTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("c.csv")
        info.type = tarfile.FIFOTYPE
        archive.addfile(info)
    return packed.getvalue()


def zipped_link() -> bytes:
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = 0o120777 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return packed.getvalue()


def boxes(depth: int) -> bytes:
    content = ROWS
    for _ in range(depth):
        content = zipped(("x", content))
    return content


def encrypted() -> bytes:
    whole = bytearray(zipped(("x.csv", ROWS)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(mark) + offset] |= 1
    return bytes(whole)


def unknown_method() -> bytes:
    whole = bytearray(zipped(("x.csv", ROWS)))
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        whole[whole.index(mark) + offset] = 97
    return bytes(whole)


def long_path() -> bytes:
    """Return a tar whose header claims to hold a path of 1 GB, packed to a few bytes."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    return info.tobuf(tarfile.GNU_FORMAT) + b"a" * 10_000


MANY = [(f"{number}.csv", b"") for number in range(30)]
BIG = b"\0" * (70 << 20)


@pytest.mark.parametrize(
    ("name", "content", "member", "words"),
    [
        ("x.csv", ROWS, "x.csv", r"x.csv: is no archive, but the contract names a member"),
        ("x.zip", zipped(("a", b"1"), ("a", b"2")), "a", "2 members match 'a', exactly one"),
        ("x.tar", tarred(("a", b"1"), ("a", b"2")), "a", "2 members match 'a', exactly one"),
        ("x.zip", zipped(("a", b"1"), ("b", b"2")), None, r"2 members match '\*'"),
        ("x.zip", zipped(), None, "0 members match .* It holds: nothing"),
        ("export", zipped(), None, "0 members match .* It holds: nothing"),
        ("x.tar", links(), "*.csv", "0 members match"),
        ("x.zip", zipped_link(), None, "0 members match"),
        ("x.zip", boxes(8), None, "packed in more than 8 layers"),
        ("x.zip", encrypted(), None, "encrypted.* Unpack it first"),
        ("x.zip", unknown_method(), None, "compression method is not supported.* Unpack it first"),
        ("x.csv.gz", ROWS, None, "x.csv.gz does not begin like gz. .* correct its name"),
        ("x.csv.gz", b"", None, "damaged or cut"),
        ("x.csv.zst", b"", None, "damaged or cut"),
        ("x.csv.gz", gzip.compress(ROWS) + b"more", None, "damaged or cut"),
        ("x.csv.zst", zst(ROWS) + b"more", None, "damaged or cut"),
        ("x.tar", long_path(), None, "a header claims to have 1073741824 bytes"),
        ("x.zip", zipped(*MANY), "0.csv", "more than 20 members"),
        ("x.tar", tarred(*MANY), "0.csv", "more than 20 members"),
        ("x.zip", zipped(("a" * 60_000, b"")), None, "more than 20 members"),
        ("x.csv", b"x" * 100_001, None, "more than 100000 bytes"),
        ("x.csv.gz", gzip.compress(b"x" * 100_001), None, "more than 100000 bytes"),
        # Also where the bomb is only unpacked to look for the member behind it.
        ("x.zip", zipped(("y.zip", zipped(("z", b"x" * 100_001)))), "y.zip/z", "more than 100000"),
        ("x.tar.gz", gzip.compress(tarred(("z", b"x" * 100_001), ("a", b""))), "a", "than 100000"),
    ],
)
def test_refusals(
    tmp_path: Path, name: str, content: bytes, member: str | None, words: str
) -> None:
    with pytest.raises(ContrailError, match=words):
        read(tmp_path, name, content, member, Limits(max_members=20, max_bytes=100_000))


@pytest.mark.fault("zip bomb", outcome="failed")
@pytest.mark.parametrize(
    ("name", "pack"), [("x.gz", gzip.compress), ("x.zst", zst), ("x.bz2.zip", None)]
)
def test_bombs(tmp_path: Path, name: str, pack: Callable[[bytes], bytes] | None) -> None:
    bomb = pack(BIG) if pack else zipped(("x", BIG), method=zipfile.ZIP_BZIP2)
    with pytest.raises(ContrailError, match=r"more than 200 times its size, .* limits\.max_ratio"):
        read(tmp_path, name, bomb)
    data, _ = read(tmp_path, name, bomb, limits=Limits(max_ratio=2_000_000))
    assert len(data) == len(BIG)


@pytest.mark.fault("path that leads out of the archive", outcome="never used as a path")
def test_names_are_never_paths(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    for name in ("../evil.csv", str(tmp_path / "evil.csv"), "..\\evil.csv"):
        inner = zipped((name, ROWS))
        for content in (inner, tarred((name, ROWS)), zipped((f"../{name}.zip", inner))):
            assert read(below, "x.zip", content)[0] == ROWS
    assert [path.name for path in tmp_path.iterdir()] == ["below"]


PACKED = {
    "x.csv.gz": gzip.compress(ROWS),
    "x.csv.zst": zst(ROWS),
    "x.zip": zipped(("x.csv", ROWS)),
    "l.zip": zipped(("x.csv", ROWS), method=zipfile.ZIP_LZMA),
    "b.zip": zipped(("x.csv", ROWS), method=zipfile.ZIP_BZIP2),
    "x.tgz": gzip.compress(tarred(("x.csv", ROWS))),
    "x.tar.zst": zst(tarred(("x.csv", ROWS))),
    "y.zip": zipped(("y.zip", zipped(("x.csv", ROWS)))),
}


@pytest.mark.fault("wrong checksum in an archive", outcome="failed")
@settings(max_examples=600, deadline=None)
@given(name=st.sampled_from(sorted(PACKED)), part=st.floats(0, 1), bit=st.integers(-1, 7))
def test_damage_never_passes(name: str, part: float, bit: int) -> None:
    """Cut (bit -1) or flip a bit: the bytes are the same, or there is an error with a reason."""
    damaged = bytearray(PACKED[name])
    at = int(part * (len(damaged) - 1))
    if bit < 0:
        del damaged[at:]
    else:
        damaged[at] ^= 1 << bit
    with TemporaryDirectory() as directory, suppress(ContrailError):
        data, _ = read(Path(directory), name, bytes(damaged))
        assert data == ROWS
