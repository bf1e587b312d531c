"""What can go wrong, as the user meets it: one class per exit code.

Every message says what happened, where (file, line, column) and what to do.
"""

from difflib import get_close_matches


class ContrailError(Exception):
    """A failure that is worth another try: an unreadable file, a full disk, a busy warehouse."""

    exit_code = 1
    outcome = "failed"


class UsageError(ContrailError):
    """The command line asks for something that does not exist."""

    exit_code = 2
    outcome = "usage"


class RejectsError(ContrailError):
    """A delivery holds more bad rows than its contract allows; nothing of it was landed."""

    exit_code = 3
    outcome = "refused"


class ContractError(ContrailError):
    """A contract is wrong, or a delivery as a whole does not keep it; nothing was landed."""

    exit_code = 4
    outcome = "refused"


class ChangeError(ContractError):
    """A delivery lost rows or values against the one before it; nothing was landed."""


def did_you_mean(word: str, known: list[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known word, or "" when none is near."""
    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f" Did you mean {by_folded[near[0]]!r}?" if near else ""
