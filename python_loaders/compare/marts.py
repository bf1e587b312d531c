"""Which relations are compared: the marts, as dbt's manifest lists them.

The manifest and not the databases: it says what ought to be there, so that a mart that one target
lacks is a difference, and what is left over from a model that was removed is none. It also knows
the grain of each mart, whatever the target it was written for.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_loaders.errors import ContrailError, UsageError, did_you_mean


@dataclass(frozen=True)
class Mart:
    """A table or view of the star.

    Attributes:
        name: its name in the database.
        grain: the columns that tell its rows apart.
        known_by: the columns by which people know a row, where the grain is a number of ours.
    """

    name: str
    grain: tuple[str, ...]
    known_by: tuple[str, ...] = ()


def load_marts(manifest: Path) -> list[Mart]:
    """Return the marts in the order of their names.

    Raises:
        ContrailError: dbt has not written the manifest.
    """
    if not manifest.is_file():
        raise ContrailError(f"{manifest}: does not exist yet. Run `dbt parse`.")
    nodes = json.loads(manifest.read_bytes())["nodes"].values()
    return sorted((_mart(node) for node in nodes if _is_mart(node)), key=lambda mart: mart.name)


def select_marts(marts: Sequence[Mart], names: Sequence[str]) -> list[Mart]:
    """Return the named marts, all of them if none is named.

    Raises:
        UsageError: there is no mart of a name.
    """
    known = {mart.name: mart for mart in marts}
    for name in names:
        if name not in known:
            raise UsageError(f"{name}: there is no such mart.{did_you_mean(name, list(known))}")
    return [known[name] for name in names] or list(marts)


def _is_mart(node: dict[str, Any]) -> bool:
    return node["resource_type"] == "model" and "marts" in node["fqn"][:-1]


def _mart(node: dict[str, Any]) -> Mart:
    meta = node["config"]["meta"]
    return Mart(node["alias"], tuple(meta.get("grain", ())), tuple(meta.get("known_by", ())))
