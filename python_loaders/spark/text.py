"""Names and values as Spark SQL writes them."""

import datetime as dt


def name_of(*parts: str) -> str:
    """Return a name that means just this, whatever is in its parts."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def literal(value: object) -> str:
    """Return a value with its type; NULL for None."""
    match value:
        case None:
            return "null"
        case bool() | int():
            return str(value).lower()
        case dt.datetime():
            return f"timestamp '{value.isoformat(' ')}'"
        case dt.date():
            return f"date '{value.isoformat()}'"
        case _:
            return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
