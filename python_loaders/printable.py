"""Show text from outside on a terminal: what would not be seen as itself is escaped.

A delivered value or file name may hold characters that move the cursor, change colours or turn
the direction of writing, and so make a terminal show something else than what is there.
"""


def printable(text: str, keep: str = "") -> str:
    r"""Return text with every invisible character but the blank as an escape, like \x1b.

    Args:
        text: anything.
        keep: characters to leave as they are, such as the newlines of our own messages.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in keep
        else character.encode("unicode_escape").decode()
        for character in text
    )
