"""Sales of shops over 133 days from Monday, 1 January 2024, each with a fault of its own."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

FIRST = date(2024, 1, 1)
DAYS = 133
SEASON = (20, 20, 22, 20, 26, 30, 16)
HOLIDAY = 100  # a Wednesday
QUIET = range(22, 57, 7)  # five Tuesdays, holidays as well
INCIDENT = 93  # a Wednesday, too
PROMOTION = range(66, 108, 7)  # six Thursdays, and then they are as before
DELIVERIES = [0, 30, 61, 92, 122, 153, 184, 214, 260]

Sale = tuple[str, datetime, float, int | None]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def usual(number: int) -> int:
    """Sales of a day: a week's season, and one more or less."""
    return SEASON[number % 7] + number * 5 % 3 - 1


def growing(number: int) -> int:
    """A twentieth more each week."""
    return round(2 * usual(number) * 1.05 ** (number / 7))


def on(fault: int, times: float, count: Callable[[int], int] = usual) -> Callable[[int], int]:
    """So many times the sales on one day."""
    return lambda number: int(count(number) * (times if number == fault else 1))


def until(end: int, first: int = 0) -> Callable[[int], int]:
    """Sales from one day to before another."""
    return lambda number: usual(number) if first <= number < end else 0


def promoted(number: int) -> int:
    return usual(number) * (3 if number in PROMOTION else 1)


def quiet(number: int) -> int:
    return usual(number) // 2 if number in QUIET else usual(number)


SHOPS: dict[str, Callable[[int], int]] = {
    "steady": usual,
    "halved": on(101, 0.5),
    "doubled": on(110, 2),
    "a day without sales": on(97, 0),
    "stopped": until(119),
    "a holiday": on(HOLIDAY, 0.5),
    "closed on a holiday": on(HOLIDAY, 0),
    "quiet holidays": quiet,
    "declared": on(INCIDENT, 0, promoted),
    "not declared": promoted,
    "three weeks old": until(129, first=108),
    "four weeks old": until(129, first=101),
    "growing": growing,
    "growing and halved": on(115, 0.5, growing),
    "without customers": usual,
    "one customer": usual,
    "dear": usual,
    "half a day": usual,
}


def sales() -> Iterator[Sale]:
    """Every sale: shop, moment, amount, customer."""
    for shop, count in SHOPS.items():
        for number in range(DAYS):
            for sale in range(count(number)):
                yield _sale(shop, number, sale, count(number))


def _sale(shop: str, number: int, sale: int, count: int) -> Sale:
    fault = shop if number == 120 else ""
    minutes = 60 * 8 + 720 * sale // count
    moment = datetime.combine(day(number), datetime.min.time()) + timedelta(
        minutes=minutes // 4 if fault == "half a day" else minutes
    )
    amount = (10 + sale % 3) * (100 if fault == "dear" else 1)
    customers = {"without customers": None, "one customer": 1}
    return shop, moment, amount, customers.get(fault, sale)


def deliveries() -> Iterator[tuple[date]]:
    """Rows of nine deliveries, about a month apart: the sixth is half as large, the last late."""
    for number, delivered in enumerate(DELIVERIES):
        yield from [(day(delivered),)] * (50 if number == 5 else 100 + number % 2)


def orders() -> Iterator[tuple[int, str | None, str | None, str | None, date | None, date | None]]:
    """Orders in all states, and the unknown one; four of them lack what they ought to have."""
    yield -1, None, None, None, None, None
    yield 1, "Ada", "0", "open", None, None
    yield 2, "Ada", None, "cancelled", None, None
    yield 3, "Bea", None, "shipped", day(0), None
    yield 4, "Bea", "0", "returned", day(0), day(1)
    yield 5, None, "0", "shipped", day(0), None
    yield 6, "Cem", "0", "shipped", None, None
    yield 7, "Cem", "0", "returned", None, day(1)
    yield 8, "Dan", "0", None, None, day(1)


def flights() -> Iterator[tuple[str, str, date, int]]:
    """Flights of two years; in the second one another source delivers, too."""
    yield "mine", "Ada", date(2023, 1, 1), 10
    yield "mine", "Ada", date(2023, 6, 1), 11
    yield "mine", "O'Hare", date(2023, 12, 31), 30
    yield "mine", "Ada", date(2024, 1, 1), 11
    yield "other", "Ada", date(2024, 12, 31), 10
