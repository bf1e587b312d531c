"""What a contract may say about HTTP, and what it must not."""

import pytest
from ferry_project import CONTRACT, Project
from misbehaving_server import Server, file
from pydantic import ValidationError

from python_loaders.contract.fetch_http import HttpFetch


def refusal(**more: object) -> str:
    with pytest.raises(ValidationError) as caught:
        HttpFetch.model_validate({"kind": "http", "url": "https://host/a.csv"} | more)
    return str(caught.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"url": "host/a.csv"}, "is no address"),
        ({"url": "ftp://host/a.csv"}, "is no address"),
        ({"url": "file:///etc/passwd"}, "is no address"),
        ({"url": "https:///a.csv"}, "is no address"),
        ({"url": "https://me:canary@host/a.csv"}, "holds a user or password"),
        ({"url": "https://host/a.csv?api_key=canary"}, "write `query: {api_key: env:NAME}`"),
        ({"url": "https://host/a.csv#top"}, "#fragment"),
        ({"headers": {"Authorization": "Bearer canary"}}, "Authorization is a secret"),
        ({"headers": {"X-Api-Key": "canary"}}, "X-Api-Key is a secret"),
        ({"query": {"access_token": "canary"}}, "access_token is a secret"),
        ({"bearer": "canary"}, "bearer"),
        ({"basic": {"user": "me", "password": "canary"}}, "basic.password"),
        ({"bearer": "env:A", "basic": {"user": "me", "password": "env:B"}}, "keep one"),
        ({"url": "http://host/a.csv", "bearer": "env:A"}, "unencrypted to host"),
        ({"url": "http://host/a.csv", "query": {"k": "env:A"}}, "unencrypted to host"),
        ({"sha256": "a" * 64, "checksum_url": "https://host/b"}, "keep one"),
        ({"body": {"a": 1}}, "needs method: POST"),
        ({"url": "https://host/"}, "write `as: name.csv`"),
        ({"url": "https://host/a%2Fb.csv"}, "write `as: name.csv`"),
        ({"as": "../a.csv"}, "no safe file name"),
        ({"as": ".a.csv"}, "no safe file name"),
        ({"as": "a/b.csv"}, "no safe file name"),
        ({"as": "{etag}.csv\n"}, "no safe file name"),
        ({"as": "a_{day}.csv"}, "{day} is not one of"),
        ({"as": "a_%B.csv"}, "'%B' is not one of"),
        ({"as": "a_%"}, "'%' is not one of"),
        ({"deadline_seconds": 0}, "deadline_seconds"),
        ({"attempts": 0}, "attempts"),
        ({"timeout": 3}, "timeout"),
    ],
)
def test_what_is_refused(more: dict[str, object], words: str) -> None:
    message = refusal(**more)
    assert words in message


def test_a_refused_contract_does_not_show_the_secret(project: Project) -> None:
    fetch = "fetch: {kind: http, url: 'https://me:canary@host/crossings.csv', bearer: canary}"
    project.describe(CONTRACT.replace("meta:\n", f"meta:\n            {fetch}\n", 1))
    result = project.run("fetch")
    assert result.exit_code == 4
    assert "table crossings: fetch.0.http.url: holds a user or password" in result.output
    assert "canary" not in result.output


def test_values_are_texts() -> None:
    rules = HttpFetch.model_validate(
        {
            "kind": "http",
            "url": "http://localhost/a.csv",
            "query": {"a": 1, "b": True, "c": "env:A"},
        }
    )
    assert rules.query == {"a": "1", "b": "true", "c": "env:A"}
    assert rules.file_name == "a.csv"


FETCH = """
            fetch:
              - {kind: http, url: "URL/crossings.csv"}
"""


def described(server: Server, fetch: str = FETCH) -> str:
    fetch = fetch.strip("\n").replace("URL", server.address)
    return CONTRACT.replace("          meta:\n", f"          meta:\n{fetch}\n", 1)


def test_a_table_is_fetched_and_landed(project: Project, running: Server) -> None:
    rows = "year,ship,passengers,fare,wind,left_at\n2020,Aurora,1,1.00,1,NA\n"
    running.plan("/crossings.csv", file(rows.encode(), '"v1"'))
    project.describe(described(running))
    result = project.run("fetch")
    assert result.exit_code == 0, result.output
    assert "ferries.crossings crossings.csv: fetched" in result.output
    assert project.land().exit_code == 0
    [commit] = project.commits()
    assert commit.origin
    assert commit.origin["etag"] == '"v1"'
    assert commit.origin["target"] == "ferries.crossings"
    (project.inbox / "crossings.csv").unlink()
    assert "crossings.csv: unchanged" in project.run("fetch").output
    assert "crossings.csv: fetched" in project.run("fetch", "--anew").output


def test_a_name_that_no_table_takes(project: Project, running: Server) -> None:
    project.describe(described(running, FETCH.replace("crossings.csv", "ferries.csv")))
    result = project.run("fetch")
    assert result.exit_code == 4
    assert "fetch brings 'ferries.csv', and no extract takes it: crossings*.csv" in result.output


def test_what_is_appended_needs_names_of_its_own(project: Project, running: Server) -> None:
    append = described(running).replace("mode: replace", "mode: append")
    project.describe(append)
    result = project.run("fetch")
    assert result.exit_code == 4
    assert "source ferries" in result.output
    assert "add a moment or {sha8}" in result.output
    project.describe(append.replace('.csv"}', '.csv", as: "crossings_%Y%m%dT%H%M%SZ.csv"}'))
    running.plan("/crossings.csv", file(b"1"), file(b"2"))
    assert project.run("fetch").exit_code == 0
