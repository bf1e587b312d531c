"""Convert the flights of 2013 from CSV to Parquet with one tool, and check nothing.

python benchmarks/bare_tools.py {polars,duckdb,pyarrow,pandas,dlt} FLIGHTS.csv DIRECTORY

What landing.py compares `contrail land` with. All are told the same types, so that none has to
guess, and all write zstd.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

TEXTS = ("carrier", "tailnum", "origin", "dest", "time_hour")


def convert_with_polars(csv: Path, directory: Path) -> None:
    """Stream with the lazy engine."""
    import polars as pl

    schema = {name: pl.String if name in TEXTS else pl.Int16 for name in _names(csv)}
    rows = pl.scan_csv(csv, schema=schema, null_values=["NA"])
    rows.sink_parquet(directory / "flights.parquet", compression="zstd")


def convert_with_duckdb(csv: Path, directory: Path) -> None:
    """Use COPY; in the order of the file, as all others do."""
    import duckdb

    columns = {name: "text" if name in TEXTS else "smallint" for name in _names(csv)}
    rows = duckdb.read_csv(str(csv), columns=columns, header=True, na_values="NA")
    rows.write_parquet(str(directory / "flights.parquet"), compression="zstd")


def convert_with_pyarrow(csv: Path, directory: Path) -> None:
    """Stream batch by batch."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _arrow_batches(csv) as reader:
        path = directory / "flights.parquet"
        with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_table(pa.table(batch))


def convert_with_pandas(csv: Path, directory: Path) -> None:
    """Read all of it into memory, as pandas does."""
    import pandas as pd

    types = {name: "str" if name in TEXTS else "Int16" for name in _names(csv)}
    rows = pd.read_csv(csv, dtype=types, na_values=["NA"], keep_default_na=False)
    rows.to_parquet(directory / "flights.parquet", compression="zstd")


def convert_with_dlt(csv: Path, directory: Path) -> None:
    """Load Arrow batches, its fastest path, into Parquet files."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt

    @dlt.resource(name="flights")
    def flights() -> Iterator[object]:
        with _arrow_batches(csv) as reader:
            yield from reader

    pipeline = dlt.pipeline(
        "flights",
        pipelines_dir=str(directory / "work"),
        destination=dlt.destinations.filesystem((directory / "loaded").as_uri()),
        dataset_name="bare",
    )
    pipeline.run(flights(), loader_file_format="parquet")


def _names(csv: Path) -> list[str]:
    with csv.open() as file:
        return file.readline().strip().split(",")


def _arrow_batches(csv: Path) -> object:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    types = {name: pa.string() if name in TEXTS else pa.int16() for name in _names(csv)}
    convert = arrow_csv.ConvertOptions(
        column_types=types, null_values=["NA"], strings_can_be_null=True
    )
    # Small blocks make small row groups: 16 MiB hold about as many rows as ours.
    return arrow_csv.open_csv(
        csv, arrow_csv.ReadOptions(block_size=16 << 20), convert_options=convert
    )


TOOLS = {
    "polars": convert_with_polars,
    "duckdb": convert_with_duckdb,
    "pyarrow": convert_with_pyarrow,
    "pandas": convert_with_pandas,
    "dlt": convert_with_dlt,
}


def main() -> None:
    """Convert one file."""
    tool, csv, directory = sys.argv[1:]
    Path(directory).mkdir(parents=True)
    TOOLS[tool](Path(csv), Path(directory))


if __name__ == "__main__":
    main()
