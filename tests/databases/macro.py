"""The macros of macros/databases, rendered without dbt."""

from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment

REPOSITORY = Path(__file__).parents[2]


def latest_rows(relation: str, key: list[str], keys: str | None = None) -> str:
    """Return the statement that the macro stands for."""
    source = (REPOSITORY / "macros" / "databases" / "latest_rows.sql").read_text()
    environment = Environment(autoescape=False)
    macros: dict[str, object] = {"return": lambda value: value}
    macros["adapter"] = SimpleNamespace(dispatch=lambda name, _: macros[f"default__{name}"])
    module = environment.from_string(source, globals=macros).module
    for name in ("latest_rows", "extraction_number"):
        macros[f"default__{name}"] = getattr(module, f"default__{name}")
    return module.latest_rows(relation, key, keys)
