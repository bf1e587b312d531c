"""`contrail diff`: what is different between two states of the warehouse."""

from dataclasses import dataclass
from typing import Annotated

import typer

from python_loaders.compare.command import ENGINES
from python_loaders.compare.engine import Engine, Relation
from python_loaders.compare.marts import Mart, load_marts, select_marts
from python_loaders.diff.diff import MartDiff, Shape, diff
from python_loaders.diff.show import HEADERS, sample_lines, summary_row
from python_loaders.display import Display
from python_loaders.errors import ContrailError, UsageError
from python_loaders.landing.log import CommitLog
from python_loaders.settings import load_settings
from python_loaders.states.build import StateBuilder
from python_loaders.states.state import parse_seq
from python_loaders.targets import Target, TargetOption

NOW = "now"


@dataclass(frozen=True)
class Side:
    """One of the two states: what it is called, and what reads it."""

    name: str
    engine: Engine


def diff_states(
    before: Annotated[str, typer.Option("--from", metavar="COMMIT", help="As it was after this.")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[MART]...", help="Default: all.")
    ] = None,
    after: Annotated[
        str, typer.Option("--to", metavar="COMMIT|now", help="Now: the warehouse as it is built.")
    ] = NOW,
    target: TargetOption = Target.DUCKDB,
    rows: Annotated[int, typer.Option(help="How many rows of each kind are shown.")] = 3,
    audit: Annotated[
        bool, typer.Option("--audit", help="Compare also where rows come from (_batch_id, ...).")
    ] = False,
) -> None:
    """Compare the marts as they were after two commits; states that are not there are built."""
    settings, display = load_settings(), Display()
    if before == after:
        raise UsageError(f"--from {before} --to {after}: name two different states")
    builder = StateBuilder(target, settings, display)
    sides = [_side(text, builder) for text in (before, after)]
    marts = select_marts(load_marts(builder.manifest), names or [])
    done = [_diff(mart, sides, rows, audit=audit) for mart in marts]
    headers = [text.format(before=sides[0].name, after=sides[1].name) for text in HEADERS]
    display.table("Differences", headers, [summary_row(result) for result in done])
    for result in done:
        for line in sample_lines(result):
            display.answer(line)


def _side(text: str, builder: StateBuilder) -> Side:
    if text == NOW:
        _warn_if_behind(builder)
        return Side(NOW, ENGINES[builder.target](builder.settings))
    seq = parse_seq(text)
    builder.ensure(seq)
    return Side(f"after commit {seq}", builder.store.engine(seq))


def _warn_if_behind(builder: StateBuilder) -> None:
    """Say so if deliveries were landed that the present does not show yet."""
    landed = len(CommitLog(builder.settings.landing).read())
    staged = builder.staged_commits()
    if staged < landed:
        builder.display.warning(
            f"commits {staged + 1} to {landed} are landed and not in {builder.target} yet; "
            "`contrail stage` and `dbt build` bring them there"
        )


def _diff(mart: Mart, sides: list[Side], sample_size: int, *, audit: bool) -> MartDiff:
    with sides[0].engine.open(mart.name) as before, sides[1].engine.open(mart.name) as after:
        for side, relation in zip(sides, (before, after), strict=True):
            if relation is None:
                raise ContrailError(f"{mart.name} is missing {side.name}. Build all of it.")
        return diff(mart.name, before, after, _shape(mart, before, after, audit=audit), sample_size)


def _shape(mart: Mart, before: Relation, after: Relation, *, audit: bool) -> Shape:
    """Return the columns to compare; where a row comes from is nothing that analysts see."""
    if before.columns != after.columns:
        raise ContrailError(
            f"{mart.name} has other columns on one side than on the other, because the models have "
            "changed since the present was built. Run `make build` first."
        )
    columns = [c for c in before.columns if audit or not c.name.startswith("_")]
    by_name = {column.name: column for column in columns}
    key = [by_name[name] for name in mart.grain] or columns
    return Shape(columns, key, [by_name[name] for name in mart.known_by] or key)
