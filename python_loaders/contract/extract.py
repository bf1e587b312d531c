"""One shape in which a table is delivered: which files, how they are packed, how to read them."""

import re
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from python_loaders.contract.strict import Strict, shaped, text_of

Format = Literal["csv", "ndjson", "json", "parquet", "avro", "fixed", "xml"]
Mark = Annotated[str, shaped(r"[^0-9+\-eE\r\n]", "one character that is no digit, sign or e")]
TEXT_FORMATS = {"csv", "fixed", "xml"}  # in which null has no notation of its own

# Keys that mean something in some formats only; elsewhere they would be ignored unsaid.
KEYS_OF_FORMATS = {
    "encoding": {"csv", "ndjson", "json", "fixed", "xml"},
    "delimiter": {"csv"},
    "quote": {"csv"},
    "header": {"csv"},
    "trailing_delimiter": {"csv"},
    "skip_lines": {"csv", "fixed"},
    "comment": {"csv", "fixed"},
    "decimal": TEXT_FORMATS,
    "thousands": TEXT_FORMATS,
    "records": {"json", "xml"},
    "trim": {"fixed"},
    "line_length": {"fixed"},
    "short_lines": {"fixed"},
}


class NumberMarks(NamedTuple):
    """What stands in a number besides digits, sign and exponent."""

    decimal: str
    thousands: str | None


class Limits(Strict):
    """What a delivery may grow to before it counts as an attack or an accident."""

    max_bytes: Annotated[int, Field(gt=0)] = 64 << 30  # of one layer, unpacked
    max_ratio: Annotated[int, Field(gt=0)] = 200  # unpacked bytes to bytes of the file
    max_members: Annotated[int, Field(gt=0)] = 10_000  # of one archive
    # Below the longest record that is read (blocks.py).
    max_field_bytes: Annotated[int, Field(gt=0, le=64 << 20)] = 16 << 20


class Extract(Strict):
    """Which files of the inbox, which member of them, and how to read it."""

    files: list[str] = Field(min_length=1)
    member: str | None = None
    limits: Limits = Limits()
    format: Format = "csv"
    encoding: str = "utf-8"
    null_values: list[str] | None = None
    delimiter: Annotated[str, shaped(r"[\x01-\x7f]", "one character of ASCII")] = ","
    quote: Annotated[str, shaped(r"[\x01-\x7f]|none", "one character of ASCII, or none")] = '"'
    header: bool | list[str] = True
    trailing_delimiter: bool | Literal["auto"] = False
    skip_lines: Annotated[int, Field(ge=0)] = 0
    comment: Annotated[str, shaped(r"[\x21-\x7e][\x20-\x7e]*", "visible ASCII")] | None = None
    decimal: Mark = "."
    thousands: Mark | None = None
    records: Annotated[str, shaped(r"(/[^/]+)+", "a path from the root, like /a/b")] | None = None
    trim: Literal["right", "left", "both", "none"] | None = None
    line_length: Annotated[int | None, Field(gt=0)] = None
    short_lines: bool = False
    delivery_key: Annotated[str | None, BeforeValidator(text_of)] = None
    key_pattern: re.Pattern[str] | None = None

    @property
    def markers(self) -> list[str]:
        """The texts that mean null; a format with a null of its own needs none."""
        if self.null_values is None:
            return [""] if self.format in TEXT_FORMATS else []
        return self.null_values

    @property
    def quote_mark(self) -> str | None:
        """The character around fields that hold delimiters; None where there is none."""
        return None if self.quote == "none" else self.quote

    @property
    def marks(self) -> NumberMarks | None:
        """How numbers are written; None for a decimal point and nothing between thousands."""
        plain = self.decimal == "." and self.thousands is None
        return None if plain else NumberMarks(self.decimal, self.thousands)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError(f"encoding {self.encoding!r} is unknown; try utf-8") from None
        for key in self.model_fields_set & set(KEYS_OF_FORMATS):
            if self.format not in KEYS_OF_FORMATS[key]:
                formats = " and ".join(sorted(KEYS_OF_FORMATS[key]))
                raise ValueError(f"{key} means nothing for {self.format}, only for {formats}")
        for pattern in self.files:
            if "**" in pattern:
                raise ValueError(f"files {pattern!r}: say `*`; all folders are searched anyway")
        self._check_marks()
        if self.format == "xml" and self.records is None:
            raise ValueError("records is missing: the path of the record elements, like /a/b")
        if self.format == "fixed" and self.trim is None:
            raise ValueError(
                "trim is missing: which of the blanks that fill up a field are not part of its "
                "value (right, left, both or none)"
            )
        return self

    def _check_marks(self) -> None:
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}")
        if self.quote == self.delimiter:
            raise ValueError(f"quote and delimiter are both {self.quote!r}")
        if self.comment and self.comment[0] in (self.delimiter, self.quote):
            raise ValueError(f"comment {self.comment!r} begins like a field or a quote")
        if self.header is not True and self.trailing_delimiter == "auto":
            raise ValueError("trailing_delimiter: auto needs a header line to look at")
