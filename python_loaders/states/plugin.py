"""A plugin of dbt-duckdb: stages the state that `dbt build --vars '{as_of_seq: 12}'` asks for.

profiles.yml names it, and leads dbt to the file of the state. Without the variable it does nothing
and imports nothing, so that dbt needs none of the loaders' libraries.
"""

from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError


class Plugin(BasePlugin):
    """Called by dbt-duckdb, by this name."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Remember the number of the commit, None if the variable is not set."""
        self._as_of = plugin_config.get("as_of")

    def update_connection_config(
        self,
        creds: DuckDBCredentials,  # noqa: ARG002 (the signature is dbt-duckdb's)
        config: dict[str, Any],  # noqa: ARG002
    ) -> None:
        """Stage before dbt opens the file; dbt may open it several times in one run."""
        if self._as_of is None:
            return
        from python_loaders.errors import ContrailError
        from python_loaders.states.stage import stage_duckdb

        try:
            stage_duckdb(str(self._as_of))
        except ContrailError as error:
            raise DbtRuntimeError(f"as_of_seq: {error}") from None
        self._as_of = None
