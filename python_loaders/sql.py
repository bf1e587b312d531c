"""Names and values as standard SQL writes them."""


def quoted(name: str) -> str:
    """Return a name that means just this, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return a value that takes the type of what it is compared with; NULL for None."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"
