"""Read the quarantine: the records that were not landed, and why."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from python_loaders.errors import ContrailError
from python_loaders.landing.log import Commit, CommitLog
from python_loaders.stage.base import REJECT_COLUMNS, Result


def read_rejects(log: CommitLog, commits: Iterable[Commit]) -> Result:
    """Return the rejects of some commits, in the order of the log and of the files.

    Raises:
        ContrailError: a file of the quarantine is missing or damaged.
    """
    rows: list[tuple[object, ...]] = []
    for commit in commits:
        for file in commit.quarantine:
            path = log.landing / file.path
            try:
                with pq.ParquetFile(path, page_checksum_verification=True) as opened:
                    table = opened.read(columns=list(REJECT_COLUMNS))
            except (OSError, pa.ArrowException) as error:
                raise ContrailError(
                    f"{path}: cannot be read. `contrail verify` tells what is damaged; restore it "
                    f"from a backup. {error}"
                ) from error
            rows += zip(*(table[name].to_pylist() for name in REJECT_COLUMNS), strict=True)
    return Result(list(REJECT_COLUMNS), rows)
