"""The known answers are all there, each with its question and where it is published."""

from project_manifest import Project, expect_none

# Of means and shares, which the published answers round to four digits. Counts have none.
WIDEST_TOLERANCE = 0.0001
LEAST = {"known_answers_2013": 83, "known_answers_2023": 51}


def _answers(project: Project) -> list[dict]:
    return [
        test
        for test in project.resources("test")
        if (test.get("test_metadata") or {}).get("name") == "known_answer"
    ]


def test_no_answer_is_lost(project: Project) -> None:
    counts = dict.fromkeys(LEAST, 0)
    for test in _answers(project):
        counts[test["attached_node"].rpartition(".")[2]] += 1
    assert all(counts[name] >= least for name, least in LEAST.items()), counts


def test_every_answer_says_where_it_comes_from(project: Project) -> None:
    citations = [
        block["block_contents"].strip()
        for block in project.manifest["docs"].values()
        if block["path"].endswith("publications.md")
    ]
    assert len(citations) > 10
    wrong = []
    for test in _answers(project):
        question, *_ = test["description"].split(". ")
        cited = [citation for citation in citations if citation in test["description"]]
        if not cited or question in cited:
            wrong.append(f"{test['name']}: write the question, and doc() of a publication")
    expect_none(wrong)


def test_every_answer_is_well_put(project: Project) -> None:
    wrong = []
    for test in _answers(project):
        arguments = test["test_metadata"]["kwargs"]
        if not 0 <= arguments.get("tolerance", 0) <= WIDEST_TOLERANCE:
            wrong.append(f"{test['name']}: the tolerance is never more than {WIDEST_TOLERANCE}")
        if "known_answers" not in test["config"]["tags"]:
            wrong.append(f"{test['name']}: no tag known_answers")
        if "ref(" not in arguments["query"]:
            wrong.append(f"{test['name']}: name its models by ref()")
    expect_none(wrong)
