"""What a contract says about requests over HTTP: one file, or the pages of an API."""

import datetime as dt
import re
from typing import Annotated, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from python_loaders.contract.fetch_base import Digest, FetchRules
from python_loaders.contract.file_names import FileName
from python_loaders.contract.secrets import Reference, is_reference, redact

# Names of headers and query parameters whose value is a secret; it must be a reference.
SECRET_NAME = re.compile(
    r"(?i)authorization|cookie|token|secret|passw|credential|signature|(api|access|auth).?key"
)
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _text(value: object) -> object:
    """Read a YAML number, date or boolean as the text that a request can carry."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | dt.date) else value


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is no address; write https://host/path")
    if parts.username is not None:
        raise ValueError("holds a user or password; write `basic: {user, password: env:NAME}`")
    if parts.fragment:
        raise ValueError("holds a #fragment, which no server receives; leave it out")
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if SECRET_NAME.search(name):
            raise ValueError(f"holds {name}=; write `query: {{{name}: env:NAME}}`")
    return url


Url = Annotated[str, AfterValidator(_check_url)]
Text = Annotated[str, BeforeValidator(_text)]
Seconds = Annotated[float, Field(gt=0)]


class Basic(BaseModel):
    """User and password of HTTP's basic authentication."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str
    password: Reference


class HttpRules(FetchRules):
    """One request, who asks, and how long to go on.

    Values of headers and query, and the user, may be `env:NAME` or `file:/path`.
    """

    url: Url
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, Text] = Field(default_factory=dict)
    query: dict[str, Text] = Field(default_factory=dict)
    basic: Basic | None = None
    bearer: Reference | None = None
    body: JsonValue = None
    connect_seconds: Seconds = 10
    read_seconds: Seconds = 60
    deadline_seconds: Seconds = 3600
    attempts: Annotated[int, Field(ge=1)] = 6
    max_bytes: Annotated[int, Field(gt=0)] = 10_000_000_000

    @model_validator(mode="after")
    def _keeps_secrets(self) -> Self:
        """A secret is a reference, and never travels where everybody can read it."""
        secret = self.basic is not None or self.bearer is not None
        for values in (self.headers, self.query):
            for name, value in values.items():
                secret |= is_reference(value)
                if SECRET_NAME.search(name) and not is_reference(value):
                    raise ValueError(f"{name} is a secret; write env:NAME or file:/path")
        if self.basic and self.bearer:
            raise ValueError("basic and bearer are two ways to say who asks; keep one")
        parts = urlsplit(self.url)
        if secret and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError(f"a secret would be sent unencrypted to {parts.hostname}; use https")
        if self.body is not None and self.method != "POST":
            raise ValueError("a body needs method: POST")
        return self

    @property
    def label(self) -> str:
        """The address without the values of its query."""
        return redact(self.url)


class HttpFetch(HttpRules):
    """One file at one address."""

    kind: Literal["http"]
    as_: FileName = Field(alias="as")
    sha256: Digest | None = None
    checksum_url: Url | None = None
    allow_unknown_length: bool = False

    @model_validator(mode="before")
    @classmethod
    def _take_name_of_url(cls, data: object) -> object:
        """Without `as` the file is called as in the address."""
        if isinstance(data, dict) and "as" not in data and isinstance(data.get("url"), str):
            name = urlsplit(data["url"]).path.rpartition("/")[2]
            if not name or "%" in name:
                raise ValueError("the address ends in no file name; write `as: name.csv`")
            return data | {"as": name}
        return data

    @model_validator(mode="after")
    def _has_one_checksum(self) -> Self:
        if self.sha256 and self.checksum_url:
            raise ValueError("sha256 and checksum_url say the same; keep one")
        return self

    @property
    def file_name(self) -> str:
        """The pattern of the file's name."""
        return self.as_
