"""How to reach Spark: what profiles.yml says, so that dbt and the loaders mean one warehouse."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2.sandbox import SandboxedEnvironment

from python_loaders.errors import UsageError
from python_loaders.settings import Settings

PATTERNS = re.compile(r"[*?\[\]{}\\]")


@dataclass(frozen=True)
class Profile:
    """One output of profiles.yml.

    Attributes:
        name: of the output.
        method: `session` for Spark in this process, `thrift` for a server.
        schema: where the marts are; other layers add their name.
        host: of the server.
        port: of the server.
        user: whom the server takes us for.
        parameters: settings of the session.
    """

    name: str
    method: str
    schema: str
    host: str
    port: int
    user: str
    parameters: Mapping[str, str]

    def __str__(self) -> str:
        if self.method == "thrift":
            return f"Spark at {self.host}:{self.port}, as {self.user}"
        return f"Spark {os.environ.get('SPARK_REMOTE') or self.parameters.get('spark.master', '')}"


def load_profile(settings: Settings, name: str) -> Profile:
    """Read an output of the project's profiles.yml, or of the one that DBT_PROFILES_DIR names.

    Raises:
        UsageError: there is no such output, it is not for Spark, or Spark cannot work where the
            data is.
    """
    if found := PATTERNS.search(str(settings.data)):
        raise UsageError(
            f"{settings.data}: Spark takes {found[0]} in a path for a pattern. Move the data to a "
            "directory without it, and set CONTRAIL_DATA."
        )
    path = Path(os.environ.get("DBT_PROFILES_DIR", settings.project)) / "profiles.yml"
    environment = SandboxedEnvironment(autoescape=False)
    environment.globals["env_var"] = _env_var
    environment.filters["as_number"] = int
    (project,) = yaml.safe_load(path.read_text(encoding="utf-8")).values()
    output = project["outputs"].get(name)
    if not output or output["type"] != "spark":
        raise UsageError(f"{path}: has no output {name} of the type spark")

    def rendered(value: object) -> str:
        return environment.from_string(str(value)).render()

    return Profile(
        name=name,
        method=rendered(output["method"]),
        schema=rendered(output["schema"]),
        host=rendered(output["host"]),
        port=int(rendered(output.get("port", 0))),
        user=rendered(output.get("user", "")),
        parameters={
            key: rendered(value) for key, value in output["server_side_parameters"].items()
        },
    )


def _env_var(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise UsageError(f"the environment variable {name} is not set; profiles.yml asks for it")
    return value
