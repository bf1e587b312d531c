"""The reader of each format."""

from pathlib import Path

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.extract.avro import AvroReader
from python_loaders.extract.chunk import Reader
from python_loaders.extract.csv import CsvReader
from python_loaders.extract.fixed import FixedReader
from python_loaders.extract.json import JsonReader
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.ndjson import NdjsonReader
from python_loaders.extract.parquet import ParquetReader
from python_loaders.extract.xml import XmlReader


def open_reader(
    stream: LimitedStream, table: Table, extract: Extract, label: str, scratch: Path
) -> Reader:
    """Return what reads a delivery in the format that the contract says.

    Args:
        stream: the bytes of the member.
        table: the contract.
        extract: the shape in which the table is delivered.
        label: the file, for messages.
        scratch: a directory for formats that have to be read from a file.
    """
    match extract.format:
        case "csv":
            return CsvReader(stream, table, extract, label)
        case "avro":
            return AvroReader(stream, table, extract, label)
        case "fixed":
            return FixedReader(stream, table, extract, label)
        case "json":
            return JsonReader(stream, table, extract, label)
        case "ndjson":
            return NdjsonReader(stream, table, extract, label)
        case "parquet":
            return ParquetReader(stream, table, extract, label, scratch)
        case "xml":
            return XmlReader(stream, table, extract, label)
