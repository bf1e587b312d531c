"""Find the columns of a delivery that its contract does not describe, and their types.

Only for `contract: evolve`. It takes a reading of its own: the type of a column has to be known
before its first value is written, and its last value may decide it.
"""

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.chunk import Reader
from python_loaders.extract.infer import Inference
from python_loaders.extract.json import JsonReader
from python_loaders.extract.ndjson import NdjsonReader
from python_loaders.extract.xml import XmlReader

# Their records name their fields, so that only the last one shows which fields there are.
RecordReader = NdjsonReader | JsonReader | XmlReader


def names_own_fields(reader: Reader) -> bool:
    """Return whether the names of a delivery are known only after it was read."""
    return isinstance(reader, RecordReader)


def discover(reader: Reader, table: Table, extract: Extract, label: str) -> dict[str, str | None]:
    """Return names and types of the columns that are delivered beside those of the contract.

    Args:
        reader: has just been opened.
        table: the contract.
        extract: the shape in which the table is delivered.
        label: the file, for messages.

    Returns:
        None for the type of a column that holds nothing but NULL.

    Raises:
        ContractError: a new column holds what no column can, or the delivery is damaged.
    """
    if isinstance(reader, RecordReader):
        for _ in reader.chunks():
            pass
        return reader.unknown.types()
    known = {column.landed_name for column in table.landed_columns}
    has_marks = extract.marks is not None
    found = {name: Inference(has_marks=has_marks) for name in reader.delivered if name not in known}
    if not found:
        return {}
    for chunk in reader.chunks():
        for name, inference in found.items():
            try:
                inference.add(chunk.rows[name])
            except ContractError as error:
                raise ContractError(f"{label}: {error}") from error
    return {name: inference.kind for name, inference in found.items()}
