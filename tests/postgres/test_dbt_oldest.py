"""The oldest PostgreSQL that is supported, where Debian has put it on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harbour import Harbour
from test_dbt_months import assert_all_hangs_together, deliver_and_expect_changes
from test_dbt_readers import swap_under_readers

from python_loaders.postgres import installation
from python_loaders.postgres.installation import Account
from python_loaders.postgres.server import Server

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="module")
def oldest(open_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    if not (PROGRAMS / "pg_ctl").exists():
        pytest.skip(f"no PostgreSQL 15 in {PROGRAMS}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installation, "_installed", lambda: [PROGRAMS])
        server = Server(open_directory / "oldest", Account.choose())
        directory = tmp_path_factory.mktemp("oldest") / "project"
        harbour = Harbour.at(directory, server.start())
        harbour.build_first()
        yield harbour
        server.stop()


def test_months_and_readers(oldest: Harbour) -> None:
    assert oldest.value("show server_version").startswith("15.")
    assert_all_hangs_together(oldest)
    deliver_and_expect_changes(oldest)
    swap_under_readers(oldest, rounds=1)
