"""The project as dbt's manifest tells it, in the project's own words."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

# A failure that names more things than this does not help any more.
MOST_LINES = 60

# The folder of a model below models/ is its layer.
LAYERS = ("staging", "intermediate", "marts", "ops")


@dataclass(frozen=True)
class Project:
    """The manifest, read in the words of the project."""

    manifest: dict[str, Any]

    def resources(self, *kinds: str) -> list[dict[str, Any]]:
        return [
            node
            for node in self.manifest["nodes"].values()
            if node["resource_type"] in kinds and node["package_name"] == "contrail"
        ]

    def models(self, layer: str | None = None) -> list[dict[str, Any]]:
        return [
            node for node in self.resources("model") if layer is None or self.layer(node) == layer
        ]

    def sources(self) -> list[dict[str, Any]]:
        return list(self.manifest["sources"].values())

    def tests_of(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            test
            for test in self.resources("test")
            if test.get("attached_node") == node["unique_id"]
        ]

    def parents(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for name in node["depends_on"]["nodes"]:
            yield self.manifest["nodes"].get(name) or self.manifest["sources"][name]

    @staticmethod
    def layer(node: dict[str, Any]) -> str:
        """Return the layer of a model, or the kind of anything else (source, seed)."""
        if node["resource_type"] != "model":
            return str(node["resource_type"])
        return str(Path(node["original_file_path"]).parts[1])

    @staticmethod
    def is_star(node: dict[str, Any]) -> bool:
        return str(node["name"]).startswith(("dim_", "fct_", "bridge_"))


def expect_none(wrong: list[str], advice: str = "wrong:") -> None:
    """Fail with one line for each thing that is wrong, and what to do about them."""
    if not wrong:
        return
    lines = sorted(set(wrong))
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"... and {len(lines) - MOST_LINES} more"]
    pytest.fail("\n  ".join([advice, *lines]), pytrace=False)
