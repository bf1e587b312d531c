"""Which rows of a model the words of a command line mean."""

from collections.abc import Mapping, Sequence

from python_loaders.errors import UsageError, did_you_mean
from python_loaders.sql import literal, quoted
from python_loaders.trace.model import Model


def parse_key(model: Model, words: Sequence[str]) -> dict[str, str]:
    """Return the values that columns of the row have.

    Args:
        model: of which a row is meant.
        words: `column=value` each; or only the values of the grain in its order; or only the value
            of the surrogate key, which is the first column that ends in `_key`.

    Raises:
        UsageError: a column does not exist, or the words are too few or too many.
    """
    parts = [word.partition("=") for word in words]
    if all(separator and name in model.columns for name, separator, _ in parts):
        return {name: value for name, _, value in parts}
    for name, separator, _ in parts:
        if separator and name.isidentifier():
            near = did_you_mean(name, list(model.columns))
            raise UsageError(f"{name}: {model.name} has no such column.{near}")
    if len(words) == len(model.grain):
        return dict(zip(model.grain, words, strict=True))
    surrogates = [column for column in model.columns if column.endswith("_key")]
    if len(words) == 1 and surrogates:
        return {surrogates[0]: words[0]}
    raise UsageError(
        f"{model.name}: give the values of {', '.join(model.grain) or 'its columns'}, or "
        "column=value for any of its columns"
    )


def condition(values: Mapping[str, object]) -> str:
    """Return the SQL that is true for rows with these values."""
    return " and ".join(
        f"{quoted(name)} is null" if value is None else f"{quoted(name)} = {literal(value)}"
        for name, value in values.items()
    )
