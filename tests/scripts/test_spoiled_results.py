"""A results file in which one thing is wrong: each command that reads one either does its work or refuses in one line, and the
file stays as it was. What is wrong is drawn from a seed, so a failure comes back."""

import copy
import json
import random

import pytest
import small_run
from small_run import around, cell, missing, write
from suite import cli, history, report
from suite.base import packages
from suite.base.errors import UserError
from suite.cli import read_commands
from suite.results import results_file

WRONG = (None, True, 0, -1, 1.5, 1e308, 1e-308, -1e308, 10**400, float("nan"), float("inf"), "", "x" * 10_000, "<script>",
         "\x1b[31m\n", "\ud800", [], {}, [[]], [1], "1970-01-01T00:00:00Z")
KINDS = ("delete", "set", "set", "negate", "enlarge", "repeat")
TWIN = cell("fresh_heap", [1.0] * 17, id=f"{small_run.BASELINE}#twin")
MUTANTS, SEEDS = 16, 4


def whole():
    found = small_run.run(cell("slab_pool", around(0.5, 0.01), confidence=0.951, adjusted=True, variance=None),
                          cell("other", [0.9] * 6), missing("gone", "FAILED", "killed"), TWIN)
    found["protocol"] |= {"looks": [{"processes": 10, "confidence": 0.98}, {"processes": 17, "confidence": 0.99}]}
    return found


def places(value, path=()):
    """One path for each shape: entries of a list are alike."""
    found = {tuple("*" if isinstance(key, int) else key for key in path): path} if path else {}
    for key, entry in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found |= places(entry, (*path, key))
    return found


def spoiled(chance):
    """A copy with one thing wrong, and what that is."""
    found = whole()
    path = chance.choice(list(places(found).values()))
    kind, place = chance.choice(KINDS), found
    for key in path[:-1]:
        place = place[key]
    old = place[path[-1]]
    numeric = isinstance(old, (int, float)) and not isinstance(old, bool)
    if kind == "delete":
        del place[path[-1]]
    elif kind == "repeat" and isinstance(place, list):
        place.append(copy.deepcopy(old))
    elif kind in ("negate", "enlarge") and numeric:
        place[path[-1]] = -old if kind == "negate" else old * chance.choice((1e15, 1e300))
    else:
        place[path[-1]] = chance.choice(WRONG)
    return found, f"{kind} {path}"


def legal(seed):
    """The schema stops most; what it lets through is what the commands must stand."""
    chance = random.Random(seed)
    while True:
        found, what = spoiled(chance)
        if not results_file.violation(found):
            return found, what


@pytest.fixture(autouse=True)
def everything_is_installed(monkeypatch):
    monkeypatch.setattr(packages, "ensure", lambda *_, **__: False)
    monkeypatch.setattr(packages, "restart_on_system_python", lambda _: None)
    answers = {}

    def judged(found, judge=results_file.violation):
        return answers.setdefault(json.dumps(found), judge(found))
    monkeypatch.setattr(results_file, "violation", judged)  # each command asks again


def tried(capsys, words, what):
    code = cli.main([str(word) for word in words])
    said = capsys.readouterr()
    assert code in (0, 1, 2), what
    assert said.err.count("\n") == 1 if code == 2 else "Traceback" not in said.err, (what, said.err)
    assert "\x1b" not in said.out + said.err, what


@pytest.mark.parametrize("seed", range(SEEDS))
def test_commands_that_read_results_refuse_or_work(tmp_path, capsys, seed):
    good = write(tmp_path / "good", whole())
    for folder in ("reports", "docs"):
        (tmp_path / "root" / folder).mkdir(parents=True)
    for page in (history.README, history.READING, history.METHODOLOGY, history.MEASURED, history.SYSTEMS):
        (tmp_path / "root" / page).write_text("".join(
            f"{place}\n{history.END}\n" for place in (history.TABLE, history.ALOUD, history.REPLICATE)))
    (tmp_path / "root/reports/headlines.json").write_text(json.dumps(
        {"chart": {"file": "charts/o.svg", "alt": "a"}, "rows": [{"question": "q", "cell": "pair/*slab*"}]}))
    for number in range(MUTANTS // SEEDS):
        found, what = legal(seed * MUTANTS + number)
        bad = write(tmp_path / "bad", found)
        before = (bad / "results.json").read_bytes()
        for words in (["cite", bad, "*slab*"], ["cite", bad, small_run.BASELINE], ["compare", good, bad], ["compare", bad, good, "--force"],
                      ["verify", bad]):
            tried(capsys, words, what)
        write(tmp_path / "root/reports/runs/one", found)
        try:
            with read_commands.to_the_end():
                history.command(check=False, root=tmp_path / "root")
        except UserError as refused:
            assert "\n" not in str(refused)
        capsys.readouterr()
        assert (bad / "results.json").read_bytes() == before and sorted(path.name for path in bad.iterdir()) == ["results.json"]


def test_a_report_of_spoiled_results_is_drawn_or_leaves_the_old_one(tmp_path, capsys, monkeypatch):
    pages = [tmp_path / "bad" / name for name in report.PAGES]
    write(tmp_path / "bad", whole())
    assert cli.main(["report", str(tmp_path / "bad/results.json")]) == 0
    from suite.charts import style
    monkeypatch.setattr(style, "save", lambda chart, _, png: "<svg></svg>")  # drawing is what takes time
    for seed in range(4):
        found, what = legal(1000 + seed)
        write(tmp_path / "bad", found)
        before = [page.read_bytes() for page in pages]
        tried(capsys, ["report", tmp_path / "bad/results.json"], what)
        assert all(page.exists() for page in pages) and len(before) == 3


@pytest.mark.parametrize("text", ["", "[]", "null", '{"schema": 1}', '{"schema": true}', "[" * 100_000, '{"schema": 1, "run": NaN}', "\ufeff{}",
                                  '{"schema": ' + "9" * 5000 + "}"])
def test_what_is_no_results_file_is_one_line(tmp_path, capsys, text):
    (tmp_path / "results.json").write_text(text)
    for words in (["cite", tmp_path, "x"], ["compare", tmp_path, tmp_path], ["verify", tmp_path], ["report", tmp_path / "results.json"]):
        tried(capsys, words, text[:40])
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


@pytest.mark.parametrize("number", [10**400, -10**400, 1e308, float("inf"), float("nan")])
def test_a_number_that_nothing_can_measure_is_refused(tmp_path, capsys, number):
    found = whole()
    found["cells"][1]["ns_per_op"]["median"] = found["cells"][1]["operations_per_iteration"] = number
    bad = write(tmp_path / "bad", found)
    tried(capsys, ["cite", bad, "*slab*"], number)
