"""One way through the warehouse: sources, staging, intermediate, star, marts; runs beside it."""

import re
from pathlib import Path

import pytest
from project_manifest import LAYERS, Project, expect_none

NAMES = {
    "staging": r"stg_(?P<folder>[a-z0-9]+)__[a-z0-9_]+",
    "intermediate": r"int_(?P<folder>[a-z0-9]+)__[a-z0-9_]+",
    "marts": r"(?!stg_|int_)[a-z][a-z0-9_]*",
    "ops": r"(?!stg_|int_|dim_|fct_)[a-z][a-z0-9_]*",
}

# What a model of a layer may read. The star is dim_*, fct_* and bridge_* in marts.
MAY_READ = {
    "staging": {"source"},
    "intermediate": {"staging", "intermediate", "seed"},
    "star": {"intermediate", "seed", "star"},
    "marts": {"star", "marts"},
    "ops": {"source", "staging", "ops"},
}


def _place(project: Project, node: dict) -> str:
    layer = project.layer(node)
    return "star" if layer == "marts" and project.is_star(node) else layer


def test_every_model_is_in_a_layer(project: Project) -> None:
    stray = [m["original_file_path"] for m in project.models() if project.layer(m) not in LAYERS]
    expect_none(stray)


@pytest.mark.parametrize("layer", LAYERS)
def test_names_follow_the_layer(project: Project, layer: str) -> None:
    wrong = []
    for model in project.models(layer):
        path = Path(model["original_file_path"])
        match = re.fullmatch(NAMES[layer], model["name"])
        folder = match and match.groupdict().get("folder")
        if not match or (folder and folder != path.parent.name):
            wrong.append(str(path))
    expect_none(
        wrong, f"names in {layer} look like {NAMES[layer]}, the folder being the first part"
    )


def test_models_read_only_the_layers_before_them(project: Project) -> None:
    wrong = [
        f"{model['name']} reads {parent['name']}"
        for model in project.models()
        for parent in project.parents(model)
        if _place(project, parent) not in MAY_READ[_place(project, model)]
    ]
    expect_none(wrong)


def test_what_runs_leave_is_read_by_its_own_models_only(project: Project) -> None:
    """A build is a function of the landing zone: no model of flights may depend on earlier runs."""
    wrong = [
        f"{model['name']} reads {parent['unique_id']}"
        for model in project.models()
        for parent in project.parents(model)
        if parent.get("source_name") == "ops" and project.layer(model) != "ops"
    ]
    wrong += [
        f"{model['name']} reads {parent['unique_id']}"
        for model in project.models("ops")
        for parent in project.parents(model)
        if project.layer(parent) == "source" and parent["source_name"] != "ops"
    ]
    expect_none(wrong)


def test_each_source_table_has_exactly_one_staging_model(project: Project) -> None:
    sources = [source for source in project.sources() if source["source_name"] != "ops"]
    readers: dict[str, list[str]] = {source["unique_id"]: [] for source in sources}
    for model in project.models():
        for parent in project.parents(model):
            if parent["unique_id"] in readers:
                readers[parent["unique_id"]].append(model["name"])
    wrong = [
        f"{source['unique_id']} is read by {readers[source['unique_id']]}"
        for source in sources
        if readers[source["unique_id"]] != [f"stg_{source['source_name']}__{source['name']}"]
    ]
    expect_none(wrong)
