"""A checksum file beside a file: one sha256, or lines of a sha256 and a name."""

import re

from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError

MAX_BYTES = 1 << 20
SHA256 = re.compile(r"\b[0-9a-fA-F]{64}\b")


def pick_checksum(text: str, file_url: str, checksum_url: str) -> str:
    """Return the sha256 of one file, in lower case.

    Args:
        text: of the checksum file.
        file_url: the address of the file; its last part is the name that is looked for.
        checksum_url: for the message.

    Raises:
        ContrailError: there is none, or it is not said which one it is.
    """
    name = file_url.partition("?")[0].rpartition("/")[2]
    lines = [line for line in text.splitlines() if SHA256.search(line)]
    named = [line for line in lines if name and name in re.split(r"[\s*/()=]+", line)]
    found = {SHA256.findall(line)[0].lower() for line in named or lines}
    if len(found) != 1:
        raise ContrailError(
            f"{redact(checksum_url)}: holds {len(found)} checksums that could be of {name}, not "
            "one. Correct checksum_url, or declare sha256."
        )
    return found.pop()
