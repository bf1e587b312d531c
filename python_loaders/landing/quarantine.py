"""Count rejected records against the contract's limit, and word the refusal."""

from dataclasses import dataclass, field

from python_loaders.contract.model import Table
from python_loaders.errors import RejectsError
from python_loaders.extract.chunk import Reject
from python_loaders.printable import printable

SHOWN_REJECTS = 5
SHOWN_RAW_CHARACTERS = 200


@dataclass
class RejectCounter:
    """Refuses a delivery as soon as its rejects cannot be within the limit any more."""

    table: Table
    label: str
    rejected: int = 0
    _first: list[Reject] = field(default_factory=list)

    def add(self, rejects: list[Reject]) -> None:
        """Count rejects; stops a hopeless delivery before the rest of it is read."""
        self.rejected += len(rejects)
        self._first += rejects[: SHOWN_REJECTS - len(self._first)]
        limit = self.table.reject_limit
        if not limit.max_ratio and not limit.allow(self.rejected, 0):
            raise self._refusal("at least ")

    def finish(self, records: int) -> None:
        """Check the limit against the number of records of the whole delivery."""
        if not self.table.reject_limit.allow(self.rejected, records):
            raise self._refusal("")

    def _refusal(self, more: str) -> RejectsError:
        limit = self.table.reject_limit
        refusal = (
            f"{self.label}: {more}{self.rejected} bad row(s), and the contract of "
            f"{self.table.full_name} allows max_rows {limit.max_rows}, "
            f"max_ratio {limit.max_ratio:g}. Nothing of it was landed."
        )
        lines = [refusal]
        for reject in self._first:
            place = f"line {reject.source_line}" if reject.source_line else "row"
            column = f", column {reject.column_name}" if reject.column_name else ""
            raw = printable(reject.raw_text[:SHOWN_RAW_CHARACTERS])
            lines.append(f"  {place} (row {reject.source_row}){column}: {reject.reason}\n    {raw}")
        lines.append(
            "Correct the rows or the contract, or allow them under config.meta.rejects: then they "
            "go to quarantine."
        )
        return RejectsError("\n".join(lines))
