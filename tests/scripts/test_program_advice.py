"""Planted truth: a program with one call site of each shape gets the known advice for each, trying it changes no output, and
types stand with the call sites where debug information has them."""

import json
import random
from math import exp, inf

import pytest
from program_tools import tools
from suite.base.errors import UserError
from suite.program import advice, evidence, heaps, page, record, rounds, sites, trial
from suite.program.rounds import TWIN, Measured
from suite.program.runs import Side, once
from suite.program.target import Program, accept

KNOWN = {"one_at_a_time": "hoist", "ending_together": "arena", "in_any_order": "pool", "make_here": "shared_pool", "of_many_sizes": "size_classes",
         "seldom": "nothing"}
TYPES = {"std::_Rb_tree_node<std::pair<int const, ware> >", "std::_List_node<ware>", "ware", "ware (make_shared)"}


@pytest.fixture(scope="module")
def planted():
    return accept(Program((str(tools().folder / "planted"),)))


@pytest.fixture(scope="module")
def found(planted, tmp_path_factory):
    read = record.make(tools(), planted, tmp_path_factory.mktemp("planted"))
    return advice.give(sites.named(read), read["made"])


@pytest.mark.parametrize(("function", "known"), KNOWN.items())
def test_each_shape_gets_its_advice(found, function, known):
    given = [site["advice"] for site in found if function in site["function"] or any(function in name for name, _ in site["users"][:1])]
    assert given[:1] == [known] if known != "nothing" else set(given) <= {"nothing"}


def test_what_is_tried_does_what_the_program_does(planted, found, tmp_path):
    chosen = advice.to_try(found)
    assert len(chosen) == 5
    plain = once(tools(), planted, Side("plain"), random.Random(1))
    for kind in ("pool", "arena"):
        table = trial._table(tmp_path / kind, [site | {"route": kind} for site in chosen])
        side = Side(kind, (str(tools().preload("route")),), (("POOLMARK_ROUTES", str(table)),), str(tools().preload("route")))
        ran = once(tools(), planted, side, random.Random(1))
        assert (ran.code, ran.output) == (plain.code, plain.output)


def test_a_chosen_site_is_served_by_a_pool_and_no_other(tmp_path):
    program = accept(Program((str(tools().folder / "traps"), "usable"), metric=r"(\d+)"))
    read = record.make(tools(), program, tmp_path)
    site, = (site for site in sites.named(read) if site["mode"] == 25)
    def usable(chosen):
        table = trial._table(tmp_path / "table", chosen)
        side = Side("", (str(tools().preload("route")),), (("POOLMARK_ROUTES", str(table)),))
        return once(tools(), program, side, random.Random(1)).figure
    assert usable([site | {"route": "pool"}]) == 32 and usable([site | {"route": "arena"}]) == 25
    assert usable([]) == usable([site | {"route": "pool", "offset": site["offset"] + 1}]) == 40  # glibc's chunk


def made_up(**ratios):
    """Rounds of sides that take so many times as long as the program, each round with a minute of its own."""
    minute = random.Random(3)
    slow = [exp(minute.uniform(0, 0.5)) for _ in range(15)]
    found = Measured(tuple(map(Side, ratios)))
    found.rounds = {name: [[round(ratio * each * exp(minute.uniform(-.005, .005)), 6), ratio * each, ratio * each, 0, 1, 1] for each in slow]
                    for name, ratio in ratios.items()}
    found.floor = rounds.floor(found.rounds, trial.PLAIN)
    return found


def test_a_table_that_costs_is_refuted_and_a_saving_confirmed():
    measured = made_up(**{trial.PLAIN: 1.0, TWIN: 1.0, trial.EMPTY: 1.1, "site 1": 0.9, "site 2": 1.1, "site 3": 1.3})
    rows = trial.rows_of(measured, ["site 1", "site 2", "site 3"], "")
    assert [trial.word(row) for row in rows] == ["baseline", "A/A", "SLOWER", "CONFIRMED", "NO GAIN", "REFUTED"]


def stored():
    """Results as a folder has them."""
    measured = made_up(**{trial.PLAIN: 1.0, TWIN: 1.0, trial.EMPTY: 1.0, "site 1": 0.8})
    result = heaps.result(Program(("x",)), measured, trial.PLAIN, trial.rows_of(measured, ["site 1"], ""))
    return {"schema": evidence.SCHEMA, "made": "2026-01-31", "program": {"name": "x", "words": ["x"], "stdin": None}, "trial": result, "sites": [],
            "environment": {"cpu": "A CPU", "cpus": 2, "libc": "glibc", "commit": "0123456789", "dirty": False}}


def test_figures_and_pages_are_computed_again(tmp_path, capsys):
    (tmp_path / evidence.RESULTS).write_text(json.dumps(stored()))
    done = evidence.load(tmp_path)
    page.write(done, tmp_path)
    assert evidence.verify(tmp_path, True) == 0 and "verified: x" in capsys.readouterr().out
    (tmp_path / "report.md").write_text("better")
    assert evidence.verify(tmp_path, True) == 1 and "report.md is not" in capsys.readouterr().out
    for change in ({"ratio": [0.5, 0.4, 0.6]}, {"verdict": "SLOWER"}, {"judged": 1}, {"raw": [[1.0] * 6] * 15}):
        edited = json.loads(json.dumps(stored()))
        edited["trial"]["rows"][3] |= change
        (tmp_path / evidence.RESULTS).write_text(json.dumps(edited))
        assert evidence.verify(tmp_path, False) == 1 and "site 1" in capsys.readouterr().out
        with pytest.raises(UserError, match="cannot be cited"):
            evidence.cite(tmp_path, "site 1")


def test_a_heap_is_cited_from_its_own_rounds_and_not_from_those_beside_pools(tmp_path, capsys):
    done = stored()
    for part, middle in (("heaps", 0.5), ("trial", 0.9)):
        measured = made_up(**{trial.PLAIN: 1.0, TWIN: 1.0, trial.EMPTY: 1.0, "mine": middle})
        done[part] = heaps.result(Program(("x",)), measured, trial.PLAIN, trial.rows_of(measured, [], "mine"))
    (tmp_path / evidence.RESULTS).write_text(json.dumps(done))
    assert evidence.cite(tmp_path, "mine") == 0 and "x on mine: 0.5" in capsys.readouterr().out


def test_a_row_is_cited_with_its_evidence(tmp_path, capsys):
    (tmp_path / evidence.RESULTS).write_text(json.dumps(stored()))
    assert evidence.cite(tmp_path, "site 1") == 0
    said = capsys.readouterr().out
    for part in ("0.8", "confirmed at margin", "15 paired rounds", "A/A floor", "A CPU, 2 CPUs", "0123456", "hash "):
        assert part in said
    for name, reason in ((trial.PLAIN, "compared with"), (TWIN, "itself"), ("site 9", "is no row")):
        with pytest.raises(UserError, match=reason):
            evidence.cite(tmp_path, name)


def refused(*words, **options):
    with pytest.raises(UserError) as said:
        rounds.run(tools(), accept(Program(tuple(map(str, words)), **options)), [Side("plain")], 1, rounds=7)
    assert "\n" not in str(said.value)
    return str(said.value)


def test_what_cannot_be_asked_about_is_one_line(tmp_path):
    traps, setuid = tools().folder / "traps", tmp_path / "setuid"
    setuid.write_bytes(traps.read_bytes())
    setuid.chmod(0o4755)
    assert "no call would be seen" in refused(tools().folder / "static")
    assert "setuid" in refused(setuid)
    assert "differs from run to run" in refused(traps, "time")
    assert "crashes" in refused(traps, "abort")
    assert "had not ended" in refused(traps, "forever", limit=0.3)
    assert "is not there" in refused(tmp_path / "nothing")
    assert "no number" in refused(traps, metric="took ([0-9]+)")
    assert "one group" in refused(traps, metric="took")


def test_a_server_is_loaded_and_stopped():
    ran = once(tools(), accept(Program((str(tools().folder / "traps"), "forever"), load="echo answered")), Side("plain"), random.Random(1))
    assert ran.code == -15 and ran.wall < inf


def test_the_page_says_what_was_found_and_escapes_it(found, tmp_path):
    hostile = [found[0] | {"users": [["<script>alert(1)</script>", 1.0]]}, *found[1:]]
    page.write({"program": {"name": "<b>", "words": ["<b>"], "stdin": None}, "sites": hostile, "trial": None}, tmp_path)
    text = (tmp_path / "report.html").read_text()
    assert "<script>" not in text and "http" not in text.replace("http://www.w3.org", "") and "<svg" in text
    assert "poolmark::arena" in (tmp_path / "report.md").read_text()


def row(name, ratio, verdict, against="glibc", megabytes=40):
    return {"name": name, "against": against, "verdict": verdict, "ratio": [ratio, ratio - 0.01, ratio + 0.01], "rss_kb": megabytes * 1024, "judged": 0.5,
            "limit": name == "bump", "served": "", "raw": []}


@pytest.mark.parametrize(("bump", "said"), [(0.8, "worth about 20% of its time"), (1.4, "is not known here: bump, which only moves a pointer and never frees, touches 240 MB")])
def test_a_heap_that_never_frees_is_a_bound_only_where_it_saves(bump, said):
    result = {"plain": "glibc", "margin": 0.02, "rows": [row("glibc", 1.0, "baseline"), row("bump", bump, "limit", megabytes=240)]}
    assert said in page.summary({"heaps": result})[0]


@pytest.mark.parametrize(("verdict", "ratio", "said"), [
    ("UNRESOLVED", 0.97, "not settled is all of them, 0.970× [0.960, 0.980]: nothing smaller than 5.0% is claimed."), ("EQUIVALENT", 0.97, "in the unmodified program."),
    ("UNRESOLVED", 1.03, "in the unmodified program.")])
def test_what_is_not_settled_is_told_from_what_gains_nothing(verdict, ratio, said):
    tried = {"plain": "as it is", "margin": 0.05, "rows": [row("as it is", 1.0, "baseline", "as it is"), row("all of them", ratio, verdict, "empty table")]}
    assert page.summary({"trial": tried})[0].endswith(said)


def test_the_first_sites_are_tried_alone_and_all_together(monkeypatch):
    asked = []
    monkeypatch.setattr(trial, "_measured", lambda tools, program, sets, *_: asked.append(sets) or {"rows": []})
    chosen = [{"number": number, "route": "pool", "module": "/x"} for number in range(1, 10)]
    assert trial.measure(None, None, advice.to_try(chosen), None, 1.0)["sites"] == list(range(1, 10))
    assert {name: len(sites) for name, sites in asked[0].items()} == {f"site {number}": 1 for number in range(1, 7)} | {trial.ALL: 9}


def of_program(name, tmp_path):
    return sites.named(record.make(tools(), accept(Program((str(tools().folder / name),))), tmp_path))


def test_types_come_from_what_is_inlined_at_a_site(tmp_path):
    found = of_program("planted", tmp_path)
    made = {site["type"]: site for site in found if site["made"] == 5}
    assert set(made) == TYPES
    assert all("of_known_types" in site["users"][0][0] and sites.who(site).endswith(f": {name}") for name, site in made.items())
    assert {site["type"] for site in found if "one_at_a_time" in site["name"]} == {""}  # a bare `new`: its line and its size say enough


def test_without_debug_information_it_is_said_what_would_give_them(tmp_path):
    found = [site for site in of_program("planted-bare", tmp_path) if site["module"].endswith("planted-bare")]
    assert {site["type"] for site in found if site["made"] == 5} == {sites.MISSING_TYPE}
    assert all(sites.MISSING_TYPE in line for line in sites.lines(found) if "one_at_a_time" in line)
    assert {site["type"] for site in found if "of_many_sizes" in site["name"]} == {""}  # malloc has no types


@pytest.mark.parametrize(("function", "known"), [
    ("std::__new_allocator<std::_List_node<A<B, C> > >::allocate(unsigned long, void const*)", "std::_List_node<A<B, C> >"),
    ("__gnu_cxx::new_allocator<(anonymous namespace)::X>::allocate(unsigned long, void const*)", "(anonymous namespace)::X"),
    ("std::__new_allocator<std::_Sp_counted_ptr_inplace<Ware, std::allocator<void>, (__gnu_cxx::_Lock_policy)2> >::allocate(unsigned long)", "Ware (make_shared)"),
    ("std::__detail::_MakeUniq<P<Q, R> >::__single_object std::make_unique<P<Q, R>, int>(int&&)", "P<Q, R>"),
    ("std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::_M_create(unsigned long&, unsigned long)", "char"),
    ("make_unique<(anonymous namespace)::X>", "(anonymous namespace)::X"),
    ("std::vector<X, std::allocator<X> >::push_back(X const&)", ""), ("sqlite3Malloc", ""), ("", ""), ("std::allocator<broken", "")])
def test_a_name_says_a_type_or_none(function, known):
    assert sites.allocated([function]) == known


def test_what_a_constructor_allocates_is_not_of_the_type_that_is_constructed():
    made = "std::__detail::_MakeUniq<X>::__single_object std::make_unique<X>()"
    assert sites.allocated([made]) == "X" and sites.allocated(["X::X()", made]) == ""
    assert sites.allocated(["void std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::_M_construct<char const*>(char const*)", made]) == "char"
