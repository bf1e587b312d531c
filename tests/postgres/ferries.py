"""A small dbt project with one source, landed and staged on PostgreSQL."""

from dataclasses import dataclass
from pathlib import Path

from psycopg.rows import TupleRow
from typer.testing import CliRunner, Result

from python_loaders.cli import app
from python_loaders.postgres.connection import Connection

CONTRACT = """
version: 2
sources:
  - name: ferries
    tables:
      - name: crossings
        config:
          meta:
            extracts: [{files: ["crossings*.csv"], null_values: [NA]}]
            rejects: {max_rows: 1}
            delivery: {mode: replace, period: year, key_columns: [year]}
        columns:
          - {name: year, data_type: smallint, data_tests: [not_null]}
          - {name: ship, data_type: text}
          - {name: passengers, data_type: integer}
          - {name: fare, data_type: "decimal(6,2)"}
          - {name: wind, data_type: double}
          - {name: left_on, data_type: date}
          - {name: left_at, data_type: timestamp}
          - {name: late, data_type: boolean}
          - {name: note, data_type: text, config: {meta: {optional: true}}}
"""
HEADER = "year,ship,passengers,fare,wind,left_on,left_at,late\n"
ROWS = (
    "2020,Aurora,120,12.50,0.1,2020-05-01,2020-05-01T10:00:00.000001Z,true\n"
    "2020,NA,NA,NA,NA,NA,NA,NA\n"
    '2020,"Old ""Ann"", \\. of\n1901 \\N é",-7,-1.00,-0.5e-300,1900-01-01,'
    "2099-12-31T23:59:59Z,false\n"
)


def year(number: int, rows: str = ROWS) -> str:
    """Return a delivery of three crossings."""
    return HEADER + rows.replace("2020,", f"{number},")


@dataclass
class Ferries:
    """The project's directory, and the database that it is staged in."""

    root: Path
    connection: Connection

    def describe(self, contract: str) -> None:
        path = self.root / "models" / "staging" / "ferries" / "_ferries__sources.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contract)

    def land(self, name: str, content: str) -> None:
        path = self.root / "data" / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        result = self.run("land", "--file", str(path), "--accept-change")
        assert result.exit_code == 0, result.output

    def stage(self) -> None:
        result = self.run("stage", "--target", "postgres")
        assert result.exit_code == 0, result.output

    def run(self, *arguments: str) -> Result:
        result = CliRunner().invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def rows(self, sql: str) -> list[TupleRow]:
        with self.connection.connect() as session:
            return session.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        with self.connection.connect() as session:
            session.execute(sql)

    def counts(self) -> dict[int, int]:
        """Return the number of crossings of each year."""
        return dict(self.rows("select year, count(*) from raw_ferries.crossings group by 1"))

    def parquet(self) -> list[Path]:
        return sorted((self.root / "data" / "landing").rglob("data/*/*.parquet"))
