"""Take the comment lines out of a text, and remember where they were."""

import re
from bisect import bisect_right


class Comments:
    """Removes lines that begin with a mark, but not those inside of quotes.

    Args:
        mark: what a comment line begins with.
        quote: the quote that hides line ends, if any.
        line: the number of the first line, from 0.
    """

    def __init__(self, mark: str, quote: bytes | None, line: int) -> None:
        self._comment = re.compile(rb"^" + re.escape(mark.encode()) + rb".*\n?", re.MULTILINE)
        self._quote = quote
        self._kept = line
        self._removed: list[int] = []  # for each comment, the number of lines kept before it
        self._in_quotes = False
        self._tail = b""

    def line(self, kept: int) -> int:
        """Return which line of the file a kept line is, both counted from 0."""
        return kept + bisect_right(self._removed, kept)

    def feed(self, chunk: bytes, hold: int) -> bytes:
        """Return what is kept of the whole lines so far; the rest waits for the next chunk.

        Args:
            chunk: the next bytes; none means that the text is complete.
            hold: the longest line to wait for; whoever asked refuses what is longer.
        """
        text = self._tail + chunk
        end = text.rfind(b"\n") + 1
        if not chunk or (not end and len(text) > hold):
            end = len(text)
        self._tail, text = text[end:], text[:end]
        kept: list[bytes] = []
        begin = 0
        for match in self._comment.finditer(text):
            self._keep(text[begin : match.start()], kept)
            begin = match.start()
            if not self._in_quotes:
                self._removed.append(self._kept)
                begin = match.end()
        self._keep(text[begin:], kept)
        return b"".join(kept)

    def _keep(self, text: bytes, kept: list[bytes]) -> None:
        if self._quote and text.count(self._quote) % 2:
            self._in_quotes = not self._in_quotes
        self._kept += text.count(b"\n")
        kept.append(text)
