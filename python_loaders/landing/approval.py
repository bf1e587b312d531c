"""What must hold before a delivery that kept its contract is committed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from python_loaders.errors import ContractError
from python_loaders.landing.delivery import Candidate, Key, digest_file, file_stem
from python_loaders.landing.draft import Draft
from python_loaders.landing.guard import hold_back, losses, predecessor
from python_loaders.landing.log import Commit
from python_loaders.landing.schema import (
    evolved_types,
    landed_columns,
    misfits,
    require_fit,
    with_evolved,
)


@dataclass(frozen=True)
class Consent:
    """What a person allows for one run, and no run does by itself.

    Attributes:
        force: bring back bytes that were replaced or taken back.
        accept_change: land what the guard holds back.
    """

    force: bool = False
    accept_change: bool = False


NO_CONSENT = Consent()


def approve(
    draft: Draft,
    live: Sequence[Commit],
    candidate: Candidate,
    consent: Consent,
    *,
    is_stale: bool = False,
) -> Draft:
    """Return the draft, with what a person consented to.

    Args:
        draft: what is to be committed.
        live: the live commits of the table.
        candidate: where it comes from.
        consent: what the person who runs this allows.
        is_stale: whether its bytes were live once and are not any more.

    Raises:
        ContractError: it would replace another file of the inbox.
        ChangeError: it lost rows or values against the delivery before it.
    """
    _check_rivals(draft.key, live, candidate)
    before = predecessor(live, draft.key, candidate.table)
    if before is None:
        return replace(draft, forced=is_stale)
    lost = losses(before, draft.rows.rows, draft.nulls, candidate.table.guard)
    if lost and not (consent.accept_change or is_stale):
        raise hold_back(str(candidate.path), before, lost, candidate.table)
    return replace(draft, forced=is_stale, accepted=tuple(lost))


def missing_columns(draft: Draft, live: Sequence[Commit], candidate: Candidate) -> list[str]:
    """Warn of columns that the delivery before had, whatever its key, and this one has not."""
    before = live[-1] if live else None
    absent = [name for name in (before and before.nulls) or {} if name not in draft.nulls]
    if before is None or not absent:
        return []
    there = f"which commit {before.seq} ({before.input.source_file}) has"
    return [f"{candidate.path}: does not hold {', '.join(absent)}, {there}; NULL was landed"]


def check_contract(candidate: Candidate, commits: Sequence[Commit], live: Sequence[Commit]) -> None:
    """Refuse a contract that live deliveries do not fit, unless their files are landed again.

    Args:
        candidate: what is to be landed.
        commits: the log.
        live: the live commits of the table.

    Raises:
        ContractError: showing what is landed would drop a column or change values.
    """
    table = candidate.table
    shown = with_evolved(table, evolved_types(table, commits))
    columns = landed_columns(shown)  # which nearly all commits have
    unfit = [c for c in live if c.columns != columns and misfits(shown, [c])]
    require_fit(shown, [c for c in unfit if not _is_among(c, candidate.siblings)])


def _check_rivals(key: Key, live: Sequence[Commit], candidate: Candidate) -> None:
    """Refuse a file that would replace one of the same name in another folder.

    Where the name is part of the key, two such files are meant to stand side by side, and which
    of them is live would depend on when they came.
    """
    rules = candidate.rules
    if not rules.key_file_stem or rules.mode == "append":
        return
    stem = file_stem(candidate.path)
    others = [p for p in candidate.siblings if p != candidate.path and file_stem(p) == stem]
    for commit in live:
        if commit.key == key.text and (same := _is_among(commit, others)):
            raise ContractError(
                f"{candidate.path}: is the delivery {key.text} of {candidate.table.full_name} by "
                f"its name, and so is {same}, which is landed. Rename one of them, or remove the "
                "one that is out of date."
            )


def _is_among(commit: Commit, paths: Sequence[Path]) -> Path | None:
    """Return the file that a commit landed, if it is one of these."""
    for path in paths:
        status = path.stat()
        if status.st_size != commit.input.file_bytes:
            continue
        if _digest(path, status.st_mtime_ns, status.st_size) == commit.input.file_sha256:
            return path
    return None


@lru_cache(maxsize=10_000)
def _digest(path: Path, _modified: int, _size: int) -> str:
    return digest_file(path)
