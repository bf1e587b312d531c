"""Check that quotes in a block of CSV are where RFC 4180 allows them.

A quote that opens inside a field or is never closed shifts record boundaries, and the engines
disagree about where to. So it is a reason to refuse the delivery, not to reject a record.
"""

import polars as pl

from python_loaders.extract.octets import as_series

NEWLINE, CARRIAGE = b"\n"[0], b"\r"[0]


def misplaced_quote(data: bytes, delimiter: str, quote: str | None = '"') -> int | None:
    """Return the offset of the first quote that is out of place; None when all are well.

    `data` must begin at the start of a record. Quotes come in pairs: the first of a pair must
    follow a delimiter, a line end or another quote, and the second must precede one.
    """
    if quote is None or quote.encode() not in data:
        return None
    # Framed by newlines, so that every quote has a neighbour on both sides.
    byte = as_series(b"\n" + data + b"\n")
    quotes = (byte == ord(quote)).arg_true()
    around = [ord(delimiter), NEWLINE, ord(quote)]
    opening, closing = quotes.gather_every(2), quotes.gather_every(2, 1)
    misplaced = [
        opening.filter(~byte.gather(opening - 1).is_in(around)),
        closing.filter(~byte.gather(closing + 1).is_in([*around, CARRIAGE])),
    ]
    if len(quotes) % 2:
        misplaced.append(quotes.tail(1))
    # The earliest is not always the culprit, but what precedes it is sound.
    first = pl.concat(misplaced).min()
    return None if first is None else int(first) - 1
