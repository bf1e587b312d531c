"""Read the source YAML files of the project, with errors that name file, source, table, column."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from python_loaders.contract.model import Source, SourcesFile, Table
from python_loaders.errors import ContractError, UsageError, did_you_mean

LEVELS = {"sources": "source", "tables": "table", "columns": "column"}


def load_sources(directory: Path) -> list[Source]:
    """Return every source below `models/staging`, sorted by name.

    Raises:
        ContractError: a file is not valid, or a source is described twice.
    """
    sources: dict[str, tuple[Path, Source]] = {}
    for path in sorted(directory.glob("**/*__sources.yml")):
        for source in _load_file(path):
            if source.name in sources:
                raise ContractError(
                    f"{path}: source {source.name} is already described in "
                    f"{sources[source.name][0]}. Keep one of them."
                )
            sources[source.name] = path, source
    if not sources:
        raise ContractError(f"{directory}: no *__sources.yml file below. Nothing can be landed.")
    return [source for _, source in sorted(sources.values(), key=lambda pair: pair[1].name)]


def loadable_tables(sources: Sequence[Source]) -> list[Table]:
    """Return the tables that have extracts; the others are not the loaders'."""
    return [table for source in sources for table in source.tables if table.extracts]


def select_tables(sources: Sequence[Source], names: Sequence[str]) -> list[Table]:
    """Return the tables that the user names as SOURCE or SOURCE.TABLE; all for no name.

    Raises:
        UsageError: a name is unknown; the message lists those that are known.
    """
    tables = loadable_tables(sources)
    if not names:
        return tables
    known = sorted({table.source for table in tables} | {table.full_name for table in tables})
    for name in names:
        if name not in known:
            raise UsageError(
                f"unknown source {name!r}.{did_you_mean(name, known)} Known: {', '.join(known)}"
            )
    return [table for table in tables if table.source in names or table.full_name in names]


def _load_file(path: Path) -> list[Source]:
    try:
        content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise ContractError(f"{path}: holds no mapping. Begin with `version: 2` and `sources:`.")
    for source in content.get("sources") or []:
        for table in (source.get("tables") or []) if isinstance(source, dict) else []:
            if isinstance(table, dict):
                table["source"] = source.get("name")
    try:
        return SourcesFile.model_validate(content).sources
    except ValidationError as error:
        problems = [_problem(content, item["loc"], item["msg"]) for item in error.errors()]
        raise ContractError("\n".join(f"{path}: {problem}" for problem in problems)) from error


def _problem(content: object, location: tuple[int | str, ...], message: str) -> str:
    """Turn a position like sources.0.tables.1.columns.2.data_type into names."""
    words: list[str] = []
    keys: list[str] = []
    node: Any = content
    previous: int | str = ""
    for step in location:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            node = None
        if isinstance(step, int) and previous in LEVELS:
            name = node.get("name", f"number {step + 1}") if isinstance(node, dict) else step
            words.append(f"{LEVELS[str(previous)]} {name}")
        elif step not in LEVELS:
            keys.append(str(step))
        previous = step
    where = ", ".join(words)
    key = f" {'.'.join(keys)}:" if keys else ""
    return f"{where}:{key} {message.removeprefix('Value error, ')}"
