"""What leads to Spark: its Java, its settings, and what is said where something is missing."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from python_loaders.errors import ContrailError, UsageError
from python_loaders.settings import Settings
from python_loaders.spark import java
from python_loaders.spark.connection import connect
from python_loaders.spark.java import find_java, java_version
from python_loaders.spark.profile import load_profile
from python_loaders.spark.text import literal, name_of

ROOT = Path(__file__).resolve().parents[2]


def fake_java(home: Path, version: str) -> Path:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return home


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Java; what is installed there is below the path returned."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "INSTALLED", tmp_path / "jvm")
    monkeypatch.setattr(java.shutil, "which", lambda _: None)
    return tmp_path / "jvm"


@pytest.mark.parametrize(
    ("version", "number"), [("17.0.15", 17), ("1.8.0_402", 8), ("25", 25), ("21-ea", 21)]
)
def test_a_java_says_its_version(tmp_path: Path, version: str, number: int) -> None:
    assert java_version(fake_java(tmp_path / "java", version)) == number


def test_no_java_has_no_version(tmp_path: Path) -> None:
    assert java_version(tmp_path) is None


def test_a_java_that_is_new_enough_is_found(nothing_installed: Path) -> None:
    fake_java(nothing_installed / "java-11", "11.0.2")
    wanted = fake_java(nothing_installed / "java-21", "21.0.1")
    assert find_java() == wanted


def test_without_java_it_is_said_how_to_get_one(nothing_installed: Path) -> None:
    fake_java(nothing_installed / "java-11", "11.0.2")
    with pytest.raises(ContrailError, match="apt-get install openjdk-17-jre-headless"):
        find_java()


def test_java_home_counts_and_is_checked(
    nothing_installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_java(nothing_installed / "java-21", "21.0.1")
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "mine", "17.0.1")))
    assert find_java() == tmp_path / "mine"
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", "11.0.1")))
    with pytest.raises(ContrailError, match="is version 11, and Spark needs Java 17"):
        find_java()


def settings(tmp_path: Path) -> Settings:
    return Settings(project=ROOT, data=tmp_path)


def test_the_loaders_read_what_dbt_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    monkeypatch.setenv("CONTRAIL_DATA", str(tmp_path))
    monkeypatch.setenv("CONTRAIL_SPARK_MEMORY", "7g")
    profile = load_profile(settings(tmp_path), "spark")
    assert (profile.method, profile.schema) == ("session", "contrail")
    assert profile.parameters["spark.driver.memory"] == "7g"
    assert profile.parameters["spark.sql.warehouse.dir"] == f"{tmp_path}/spark/warehouse"
    monkeypatch.setenv("CONTRAIL_SPARK_PORT", "10401")
    assert load_profile(settings(tmp_path), "spark_thrift").port == 10401


@pytest.mark.parametrize("name", ["spark", "spark_thrift"])
def test_every_way_to_spark_is_in_utc_and_strict(tmp_path: Path, name: str) -> None:
    parameters = load_profile(settings(tmp_path), name).parameters
    assert parameters["spark.sql.session.timeZone"] == "UTC"
    assert parameters["spark.sql.ansi.enabled"] == "true"
    assert parameters["spark.sql.sources.partitionOverwriteMode"] == "dynamic"


def test_other_outputs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no output postgres of the type spark"):
        load_profile(settings(tmp_path), "postgres")


def test_a_place_that_spark_takes_for_a_pattern_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Spark takes \{ in a path for a pattern"):
        load_profile(settings(Path("/srv/a{b}")), "spark")


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is installed here")
@pytest.mark.parametrize(("name", "package"), [("spark", "pyspark"), ("spark_thrift", "PyHive")])
def test_without_its_packages_it_is_said_where_they_are(
    tmp_path: Path, name: str, package: str
) -> None:
    with (
        pytest.raises(ContrailError, match=f"package {package} is not installed .* `make spark`"),
        connect(load_profile(settings(tmp_path), name)),
    ):
        pass


def test_names_and_values_mean_just_themselves() -> None:
    assert name_of("a", "b`c") == "`a`.`b``c`"
    assert literal("it's a \\") == "'it\\'s a \\\\'"
    assert (literal(None), literal(True), literal(3)) == ("null", "true", "3")
