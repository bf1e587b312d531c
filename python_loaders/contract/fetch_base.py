"""What all kinds of `fetch:` mappings have in common."""

from typing import Annotated

from python_loaders.contract.strict import Strict, shaped

Digest = Annotated[str, shaped(r"[0-9a-f]{64}", "64 hexadecimal digits in lower case")]


class FetchRules(Strict):
    """One `fetch:` mapping."""

    @property
    def label(self) -> str:
        """What is fetched, in messages; it never holds a secret."""
        raise NotImplementedError

    @property
    def file_name(self) -> str | None:
        """The pattern of the names that it gives to files, None if others give them."""
        return None
