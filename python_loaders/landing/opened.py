"""Open a delivery: through its archive to the reader of its format."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from python_loaders.contract.model import Table
from python_loaders.extract.archive import open_member
from python_loaders.extract.chunk import Reader
from python_loaders.extract.readers import open_reader
from python_loaders.landing.delivery import Candidate, check_name


@dataclass(frozen=True)
class Opened:
    """A delivery that is about to be read.

    Attributes:
        reader: stands at its beginning.
        member: the path in the archive, "" for the file itself.
        label: file and member, for messages.
    """

    reader: Reader
    member: str
    label: str


@contextmanager
def open_delivery(candidate: Candidate, table: Table, scratch: Path) -> Iterator[Opened]:
    """Open a delivery to be read with a contract.

    Raises:
        ContractError: the header does not keep the contract, or the member cannot be named.
    """
    path, extract = candidate.path, candidate.extract
    with open_member(path, extract.member, scratch, extract.limits) as (stream, member):
        check_name(member)
        label = f"{path}/{member}" if member else str(path)
        yield Opened(open_reader(stream, table, extract, label, scratch), member, label)
