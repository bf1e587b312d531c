"""What all kinds of `fetch:` mappings have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class FetchRules(BaseModel):
    """One `fetch:` mapping: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def label(self) -> str:
        """What is fetched, in messages; it never holds a secret."""
        raise NotImplementedError

    @property
    def file_name(self) -> str | None:
        """The pattern of the names that it gives to files, None if others give them."""
        return None
