"""The tables of docs/benchmarks/mutation.md: by model, and by mistake."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from judge import Verdict
from mutants import LONGEST, Mutant
from operators import OPERATORS

TEXT = Path(__file__).parent / "report.md"
HEADER = "| {} | mutants | killed | equivalent | survived | killed, of those that could be |"
Judged = Sequence[tuple[Mutant, Verdict]]


def report(verdicts: Judged) -> str:
    """Return the page, with the tables in their places."""
    text = TEXT.read_text(encoding="utf-8")
    by_model = _table("model", verdicts, lambda mutant: f"`{mutant.model}`")
    by_operator = _table("mistake", verdicts, lambda mutant: mutant.operator)
    killers = Counter(_kind(verdict) for _, verdict in verdicts if verdict.outcome == "killed")
    by_killer = ["| killed by | mutants |", "|---|---|"]
    by_killer += [f"| {kind} | {number:,} |" for kind, number in killers.most_common()]
    places = {
        "{models}": by_model,
        "{mistakes}": by_operator,
        "{killers}": "\n".join(by_killer),
        "{faults}": _faults(verdicts),
    }
    for place, table in places.items():
        text = text.replace(place, table)
    return text


def _kind(verdict: Verdict) -> str:
    if verdict.by == "error" or verdict.by.startswith("error in "):
        return "an error of the engine"
    if verdict.by.startswith("contract"):
        return "a contract"
    return "a unit test" if verdict.is_unit else "a data test"


def _table(title: str, verdicts: Judged, key: Callable[[Mutant], str]) -> str:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant, verdict in verdicts:
        if verdict.outcome != "invalid":
            counts[key(mutant)][verdict.outcome] += 1
            counts["all"][verdict.outcome] += 1
    lines = [HEADER.format(title), "|---|---|---|---|---|---|"]
    for name in [*sorted(counts.keys() - {"all"}), "all"]:
        count = counts[name]
        could = count["killed"] + count["survived"]
        share = f"{100 * count['killed'] / could:.1f} %" if could else ""
        cells = [count.total(), count["killed"], count["equivalent"], count["survived"]]
        lines.append(f"| {name} | {' | '.join(f'{cell:,}' for cell in cells)} | {share} |")
    return "\n".join(lines)


def _faults(verdicts: Judged) -> str:
    """Some of the mistakes and the tests that caught them: two of each kind, easy to read."""
    lines = [
        "| mistake | what stood there -> what stands there now | in | caught by |",
        "|---|---|---|---|",
    ]
    for operator in OPERATORS:
        killed = [
            (mutant, verdict)
            for mutant, verdict in verdicts
            if mutant.operator == operator and verdict.outcome == "killed" and verdict.changed
        ]
        models: set[str] = set()
        for mutant, verdict in sorted(killed, key=_readable):
            if mutant.model not in models and len(models) < 2:
                models.add(mutant.model)
                what = mutant.what.replace("|", "\\|")
                place = f"`{mutant.model}.{mutant.part}`"
                lines.append(f"| {operator} | `{what}` | {place} | `{verdict.by}` |")
    return "\n".join(lines)


def _readable(judged: tuple[Mutant, Verdict]) -> tuple[bool, bool, int, str]:
    """Tests of the data before unit tests of the same rule, whole texts before cut ones."""
    mutant, verdict = judged
    is_cut = max(map(len, mutant.what.split(" -> "))) >= LONGEST
    return is_cut, verdict.is_unit, abs(len(mutant.what) - 50), mutant.name
