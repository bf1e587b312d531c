"""How each type is read: exactly, or refused before anything is read."""

import datetime as dt
import random
import struct
from decimal import Decimal, localcontext

import pytest
from shop import MysqlShop, PostgresShop, Shop

from python_loaders.fetch.database import mysql_stream as reader


def moment(*parts: int) -> dt.datetime:
    """Return a moment in UTC."""
    return dt.datetime(*parts)  # noqa: DTZ001


POSTGRES = [
    # type, contract, value in SQL, what is read
    ("smallint", "smallint", "-32768", -32768),
    ("smallint", "double", "-32768", -32768.0),
    ("integer", "bigint", "2147483647", 2147483647),
    ("integer", "decimal(12,2)", "-2147483648", Decimal("-2147483648.00")),
    ("bigint", "bigint", "9223372036854775807", 9223372036854775807),
    ("bigint", "decimal(19,0)", "-9223372036854775808", Decimal(-9223372036854775808)),
    ("real", "double", "1.1::real", struct.unpack("f", struct.pack("f", 1.1))[0]),
    ("double precision", "double", "0.1", 0.1),
    ("numeric(12,4)", "decimal(12,4)", "12345678.9012", Decimal("12345678.9012")),
    ("numeric(12,4)", "decimal(38,10)", "12345678.9012", Decimal("12345678.9012")),
    ("numeric", "decimal(38,2)", "999999999999999999999999999999999999.99",
     Decimal("999999999999999999999999999999999999.99")),
    ("numeric", "text", "'NaN'", "NaN"),
    ("numeric", "text", "1e-30", "0." + "0" * 29 + "1"),
    ("text", "text", "E'a\\n\\\\N \U0001f600'", "a\n\\N \U0001f600"),
    ("text", "text", "''", ""),
    ("varchar(5)", "text", "'abc'", "abc"),
    ("char(5)", "text", "'ab'", "ab"),
    ("uuid", "text", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("json", "text", """'{"b": 1,  "a":1.10}'""", '{"b": 1,  "a":1.10}'),
    ("jsonb", "text", """'{"a":1.10}'""", '{"a": 1.10}'),
    ("mood", "text", "'happy'", "happy"),
    ("positive", "integer", "7", 7),
    ("boolean", "boolean", "true", True),
    ("bit(1)", "boolean", "B'1'", True),
    ("bit(4)", "text", "B'0101'", "0101"),
    ("time", "text", "'23:59:59.5'", "23:59:59.5"),
    ("inet", "text", "'10.0.0.1'", "10.0.0.1/32"),
    ("date", "date", "'0001-01-01'", dt.date(1, 1, 1)),
    ("date", "timestamp", "'2024-02-29'", moment(2024, 2, 29)),
    ("timestamp", "timestamp", "'9999-12-31 23:59:59.999999'",
     moment(9999, 12, 31, 23, 59, 59, 999999)),
    ("timestamptz", "timestamp", "'2024-07-01 14:00:00+02'", moment(2024, 7, 1, 12)),
    ("timestamptz", "timestamp", "'1900-01-01 00:00:00+00:19:32'",
     moment(1899, 12, 31, 23, 40, 28)),
]  # fmt: skip
MYSQL = [
    ("tinyint", "smallint", "-128", -128),
    ("tinyint unsigned", "smallint", "255", 255),
    ("tinyint(1)", "boolean", "1", True),
    ("tinyint(1)", "smallint", "7", 7),
    ("smallint unsigned", "integer", "65535", 65535),
    ("mediumint", "integer", "-8388608", -8388608),
    ("int", "integer", "-2147483648", -2147483648),
    ("int unsigned", "bigint", "4294967295", 4294967295),
    ("int(6) zerofill", "bigint", "42", 42),
    ("bigint", "bigint", "-9223372036854775808", -9223372036854775808),
    ("bigint unsigned", "decimal(20,0)", "18446744073709551615", Decimal(18446744073709551615)),
    ("year", "smallint", "2024", 2024),
    ("decimal(12,4)", "decimal(12,4)", "12345678.9012", Decimal("12345678.9012")),
    ("decimal(38,10)", "decimal(38,10)", "-1.0000000001", Decimal("-1.0000000001")),
    ("float", "double", "1.1", struct.unpack("f", struct.pack("f", 1.1))[0]),
    ("double", "double", "0.1", 0.1),
    ("char(5)", "text", "'ab  '", "ab"),
    ("varchar(5)", "text", "'ab  '", "ab  "),
    ("text", "text", "'a\\n\\\\N \U0001f600'", "a\n\\N \U0001f600"),
    ("longtext", "text", "''", ""),
    ("json", "text", """'{"a": 1.10}'""", '{"a": 1.10}'),
    ("enum('sad','happy')", "text", "'happy'", "happy"),
    ("set('a','b')", "text", "'a,b'", "a,b"),
    ("uuid", "text", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("bit(1)", "boolean", "b'1'", True),
    ("time(3)", "text", "'-838:59:59.5'", "-838:59:59.500"),
    ("date", "date", "'1000-01-01'", dt.date(1000, 1, 1)),
    ("date", "timestamp", "'2024-02-29'", moment(2024, 2, 29)),
    ("datetime(6)", "timestamp", "'9999-12-31 23:59:59.999999'",
     moment(9999, 12, 31, 23, 59, 59, 999999)),
    ("datetime", "timestamp", "'2024-07-01 12:00:00'", moment(2024, 7, 1, 12)),
    ("timestamp(3) null", "timestamp", "'2024-07-01 12:00:00.125'",
     moment(2024, 7, 1, 12, 0, 0, 125000)),
]  # fmt: skip


def make(shop: Shop, kinds: list[str], *rows: list[str]) -> None:
    """Make a table with columns c0, c1, ... of these types, and these rows."""
    if isinstance(shop, PostgresShop):
        shop.run("create type mood as enum ('sad', 'happy')")
        shop.run("create domain positive as integer check (value > 0)")
    columns = "".join(f", c{number} {kind}" for number, kind in enumerate(kinds))
    shop.run(f"create table orders (id integer primary key{columns})")
    for number, values in enumerate(rows):
        shop.run(f"insert into orders values ({number}, {', '.join(values)})")


def describe(shop: Shop, contracts: list[str], **column: object) -> None:
    meta = {"config": {"meta": column}} if column else {}
    columns = {f"c{n}": {"data_type": contract} | meta for n, contract in enumerate(contracts)}
    shop.describe({"id": "integer"} | columns)


def refused(shop: Shop) -> str:
    result = shop.contrail("fetch")
    assert result.exit_code == 4, result.output
    assert shop.files() == []
    return result.stderr


@pytest.mark.parametrize(
    ("name", "types"), [("postgres", POSTGRES), ("mysql", MYSQL)], ids=["postgres", "mysql"]
)
def test_types(
    request: pytest.FixtureRequest, name: str, types: list[tuple[str, str, str, object]]
) -> None:
    shop = request.getfixturevalue(name)
    kinds, contracts, values, expected = (list(part) for part in zip(*types, strict=True))
    make(shop, kinds, values, ["null"] * len(kinds))
    describe(shop, contracts)
    shop.fetch()
    found = shop.fetched()
    assert [found[f"c{n}"] for n in range(len(kinds))] == [[value, None] for value in expected]
    shop.land()  # it keeps its own contract


POSTGRES_REFUSED = [
    ("integer", "smallint", "write integer"),
    ("bigint", "integer", "write bigint"),
    ("bigint", "double", "write bigint"),
    ("bigint", "decimal(18,0)", "write bigint"),
    ("integer", "text", "write integer"),
    ("real", "decimal(10,2)", "write double"),
    ("numeric(12,4)", "decimal(12,2)", "write decimal(12,4)"),
    ("numeric(12,4)", "double", "write decimal(p,s) or text"),
    ("numeric(3,-2)", "decimal(4,0)", "write decimal(5,0)"),
    ("timestamp", "date", "write timestamp"),
    ("text", "integer", "write text"),
    ("boolean", "smallint", "write boolean"),
    ("bytea", "text", "bytes are not read; make a view with encode(column, 'hex')"),
    ("integer[]", "text", "this type is not read; make a view"),
    ("interval", "text", "this type is not read; make a view"),
    ("money", "decimal(10,2)", "this type is not read; make a view"),
]
MYSQL_REFUSED = [
    ("int unsigned", "integer", "write bigint"),
    ("bigint unsigned", "bigint", "write decimal(20,0)"),
    ("int", "boolean", "write integer"),
    ("decimal(12,4)", "decimal(12,2)", "write decimal(12,4)"),
    ("double", "decimal(12,2)", "write double"),
    ("datetime", "date", "write timestamp"),
    ("bit(8)", "bigint", "make a view with column + 0"),
    ("blob", "text", "bytes are not read; make a view with hex(column)"),
    ("varbinary(9)", "text", "bytes are not read; make a view with hex(column)"),
    ("varchar(9) character set binary", "text", "bytes are not read; make a view with hex(column)"),
    ("point", "text", "this type is not read; make a view"),
]


@pytest.mark.parametrize(
    ("name", "types"),
    [("postgres", POSTGRES_REFUSED), ("mysql", MYSQL_REFUSED)],
    ids=["postgres", "mysql"],
)
def test_what_would_lose_something_is_refused(
    request: pytest.FixtureRequest, name: str, types: list[tuple[str, str, str]]
) -> None:
    shop = request.getfixturevalue(name)
    kinds, contracts, advices = (list(part) for part in zip(*types, strict=True))
    make(shop, kinds)
    describe(shop, contracts)
    said = refused(shop).splitlines()
    for number, advice in enumerate(advices):
        [line] = [line for line in said if f"column c{number} is " in line]
        assert f"and the contract says {contracts[number]}: {advice}" in line


ODD = {
    "postgres": [
        ("date", "date", "'infinity'", "infinity"),
        ("timestamp", "timestamp", "'-infinity'", "-infinity"),
        ("timestamptz", "timestamp", "'infinity'", "infinity"),
        ("numeric", "decimal(9,2)", "'NaN'", "NaN"),
        ("numeric", "decimal(9,2)", "'-Infinity'", "-Infinity"),
        ("numeric(9,2)", "decimal(9,2)", "'NaN'", "NaN"),
    ],
    "mysql": [
        ("date", "date", "'0000-00-00'", "0000-00-00"),
        ("datetime", "timestamp", "'0000-00-00'", "0000-00-00"),
        ("timestamp null", "timestamp", "'0000-00-00'", "0000-00-00"),
    ],
}


@pytest.mark.fault(
    "value that the contract's type cannot hold",
    outcome="refused before anything is read",
)
def test_odd_values_are_refused_or_null_as_the_contract_says(shop: Shop) -> None:
    kinds, contracts, values, odd = (list(part) for part in zip(*ODD[shop.kind], strict=True))
    make(shop, kinds, values)
    describe(shop, contracts)
    said = refused(shop)
    for number, contract in enumerate(contracts):
        [line] = [line for line in said.splitlines() if f"column c{number} (" in line]
        assert line.endswith(f": 1 value(s) do not fit {contract}")
    columns = {
        f"c{n}": {"data_type": contracts[n], "config": {"meta": {"null_values": [odd[n]]}}}
        for n in range(len(kinds))
    }
    shop.describe({"id": "integer"} | columns)
    shop.fetch()
    found = shop.fetched()
    assert [found[f"c{n}"] for n in range(len(kinds))] == [[None]] * len(kinds)


MISFITS = {
    "postgres": [
        ("numeric", "decimal(9,2)", "1.005"),
        ("numeric", "decimal(9,2)", "10000000"),
        ("date", "date", "'0044-03-15 BC'"),
        ("timestamp", "timestamp", "'10000-01-01'"),
        ("timestamptz", "timestamp", "'0001-01-01 00:00:00+01'"),
    ],
    "mysql": [
        ("date", "date", "'2024-00-00'"),
        ("datetime", "timestamp", "'2024-01-00 10:00:00'"),
        ("tinyint(1)", "boolean", "2"),
    ],
}


@pytest.mark.fault(
    "value that the contract's type cannot hold",
    outcome="refused before anything is read",
)
def test_values_that_do_not_fit_are_refused(shop: Shop) -> None:
    kinds, contracts, values = (list(part) for part in zip(*MISFITS[shop.kind], strict=True))
    make(shop, kinds, values, ["null"] * len(kinds))
    describe(shop, contracts)
    said = refused(shop)
    assert said.count("1 value(s) do not fit") == len(kinds), said


def test_a_nul_in_a_text_is_refused(mysql: MysqlShop) -> None:
    make(mysql, ["text"], ["concat('a', char(0))"])
    describe(mysql, ["text"])
    assert "column c0: a text holds a NUL" in refused(mysql)


def test_null_values_that_a_type_does_not_know(shop: Shop) -> None:
    make(shop, ["date", "integer"])
    describe(shop, ["date", "integer"], null_values=["-"])
    said = refused(shop)
    assert "column c0 is date and the contract says date: null_values holds '-'" in said
    assert "of this type it can hold nothing" in said


def test_nan_of_a_float_is_left_to_the_contract(postgres: PostgresShop) -> None:
    """As in every other file: `non_finite` says whether it is a reject."""
    make(postgres, ["double precision"], ["'NaN'"], ["1"])
    describe(postgres, ["double"])
    postgres.fetch()
    result = postgres.contrail("land")
    assert result.exit_code == 3
    assert "nan is not a finite number" in result.stderr


def test_all_that_does_not_fit_is_said_at_once(shop: Shop) -> None:
    shop.run(
        "create table orders (id bigint primary key, statuss varchar(9), paid date, more date)"
    )
    shop.describe({"id": "integer", "status": "text", "paid": "timestamp", "gone": "date"})
    result = shop.contrail("fetch")
    assert result.exit_code == 4
    assert "column id is bigint" in result.stderr
    assert "there is no column 'status'. Did you mean 'statuss'?" in result.stderr
    assert "there is no column 'gone'" in result.stderr
    assert shop.files() == []


def test_columns_that_the_contract_does_not_know_are_named(shop: Shop) -> None:
    shop.run("create table orders (id integer primary key, secret_note text)")
    shop.run("insert into orders values (1, 'x')")
    shop.describe({"id": "integer"})
    assert "not in the contract and not read: secret_note" in shop.fetch().output
    assert shop.fetched() == {"id": [1]}


@pytest.mark.fault("SQL in names", outcome="refused or quoted, never run")
@pytest.mark.parametrize(
    "name", ['we"ird', "we`ird", "select", "%s", "a b", "'; drop table orders"]
)
def test_names_are_quoted(shop: Shop, name: str) -> None:
    quote = '"' if isinstance(shop, PostgresShop) else "`"
    quoted = quote + name.replace(quote, quote * 2) + quote
    shop.run(f"create table {quoted} (id integer primary key, {quoted} integer)")
    shop.run(f"insert into {quoted} values (1, 2)")
    prefix = f"{shop.name}." if isinstance(shop, PostgresShop) else ""
    column = {"data_type": "integer", "config": {"meta": {"aliases": [name]}}}
    shop.describe({"id": "integer", "v": column}, table=prefix + name)
    shop.fetch()
    assert shop.fetched() == {"id": [1], "v": [2]}


def test_doubles_come_back_to_the_last_bit(shop: Shop) -> None:
    dice = random.Random(7)
    bits = [struct.unpack("d", dice.randbytes(8))[0] for _ in range(2000)]
    values = [v for v in bits if v == v and abs(v) != float("inf")] + [
        0.1,
        1 / 3,
        5e-324,
        2**53 - 1.0,
    ]
    kind = "double precision"
    shop.run(f"create table orders (id integer primary key, v {kind})")
    rows = ", ".join(f"({n}, {value!r})" for n, value in enumerate(values))
    shop.run(f"insert into orders values {rows}")
    shop.describe({"id": "integer", "v": "double"})
    shop.fetch()
    assert shop.fetched()["v"] == values


def test_decimals_are_exact(shop: Shop) -> None:
    dice = random.Random(7)
    values = [Decimal(dice.randrange(-(10**30), 10**30)).scaleb(-10) for _ in range(2000)]
    shop.run("create table orders (id integer primary key, v decimal(30,10))")
    rows = ", ".join(f"({n}, {value:f})" for n, value in enumerate(values))
    shop.run(f"insert into orders values {rows}")
    shop.describe({"id": "integer", "v": "decimal(30,10)"})
    shop.fetch()
    assert shop.fetched()["v"] == values
    shop.land()
    [(total,)] = shop.staged("select sum(v) from raw_shop.orders")
    with localcontext(prec=60):
        assert total == sum(values)


def test_wide_rows_come_in_small_batches(mysql: MysqlShop, monkeypatch: pytest.MonkeyPatch) -> None:
    mysql.run("create table orders (id integer primary key, v longtext)")
    for number in range(4):
        mysql.run(f"insert into orders values ({number}, repeat('x', 3000000))")
    mysql.describe({"id": "integer", "v": "text"})
    sizes, genuine = [], reader._batch

    def batch(rows: list[object], schema: object) -> object:
        sizes.append(len(rows))
        return genuine(rows, schema)

    monkeypatch.setattr(reader, "_batch", batch)
    mysql.fetch()
    assert sizes == [2, 2]
