"""Every number is computed again: a changed result, a changed round and a changed page are each found and named."""

import copy
import gzip
import json
import re
import shutil

import pytest
from suite import report
from suite.measure.journal import PLAN, RESULTS, ROUNDS
from small_run import edit, edit_rounds, other_quality, slab, verify


@pytest.fixture
def folder(original, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(original, tmp_path / "run")


def test_a_run_as_it_was_made_is_verified_and_names_its_hash(folder, capsys):
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    code, out, _ = verify(folder, capsys)
    assert code == 0 and "verified: run test, hash " in out and "report.md" in out and "report.html" in out
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert verify(folder / RESULTS, capsys, "--numbers")[0] == 0


@pytest.mark.parametrize(("change", "named"), [
    (lambda m: slab(m)["ratio"].update(estimate=0.49), "slab_pool@glibc/ratio/estimate: results.json has 0.49, the rounds make 0.5"),
    (lambda m: slab(m)["ratio"].update(high=0.51), "slab_pool@glibc/ratio/high"),
    (lambda m: slab(m)["ns_per_op"].update(minimum=1.0), "ns_per_op/minimum"),
    (lambda m: slab(m)["samples"][2].update(ratio=0.4), "slab_pool@glibc/samples/2/ratio"),
    (lambda m: slab(m).update(verdict="SLOWER"), "slab_pool@glibc/verdict: results.json has SLOWER, the rounds make FASTER"),
    (lambda m: slab(m).update(rejected_rounds=1), "rejected_rounds"), (lambda m: slab(m).update(digest="1" * 16), "digest"),
    (lambda m: slab(m).update(iterations=1), "iterations"), (lambda m: slab(m).update(reason="x"), "reason"),
    (lambda m: m["calibration"].update(floor=0.001), "calibration/floor"),
    (lambda m: m["calibration"].update(quality=other_quality(m)), "calibration/quality"),
    (lambda m: m["calibration"]["aa"].pop(), "calibration/aa"),
    (lambda m: m["protocol"].update(margin=0.5), "protocol/margin"),
    (lambda m: m["protocol"].update(actual_confidence=0.99), "protocol/actual_confidence"),
    (lambda m: m["run"].update(seed=8), "run/seed: results.json has 8, the plan 7"),
    (lambda m: m["run"].update(id="other"), "run/id"),
    (lambda m: m["cells"].remove(slab(m)), "was measured and is not in results.json"),
    (lambda m: m["cells"].append(slab(m) | {"id": "good/live=10,hot=true/mine@glibc", "strategy": "mine"}), "good/live=10"),
    (lambda m: slab(m).update(notes=["x"]), "notes"),
    (lambda m: slab(m).update(facts={"hit_ratio": 0.9}), "facts"),
    (lambda m: slab(m).update(verdict="SKIPPED", ratio=None, ns_per_op=None, samples=[]), "slab_pool@glibc/ns_per_op"),
    (lambda m: slab(m).update(verdict="SKIPPED", ratio=None, ns_per_op=None, samples=[], reason="gone"), "was measured"),
    (lambda m: m["allocators"][0].update(version="9"), "allocators/glibc/version"),
    (lambda m: slab(m).update(regime="shared"), "slab_pool@glibc/regime"), (lambda m: slab(m).update(margin=0.5), "margin"),
    (lambda m: slab(m).update(citable=False), "slab_pool@glibc/citable"),
    (lambda m: slab(m).update(shared={"ratio": slab(m)["ratio"], "processes": 9, "rounds": 9}), "slab_pool@glibc/shared"),
    (lambda m: slab(m)["ns_per_op"].update(shown=1.0), "ns_per_op/shown"),
    (lambda m: slab(m)["samples"][1].update(quiet=0), "samples/1/quiet"), (lambda m: slab(m)["samples"][1].update({"pass": 2}), "samples/1/pass"),
    (lambda m: slab(m)["samples"][1]["witness"].update(core=0.1), "samples/1/witness/core"),
    (lambda m: m["witness"].update(quiet_share=0.5), "witness/quiet_share"),
    (lambda m: m["witness"].update(regime="shared"), "witness/regime"), (lambda m: m.pop("witness"), "witness"),
    (lambda m: m["witness"]["levels"].update(core=0.1), "witness/levels/core"),
    (lambda m: m["witness"]["strip"][0].__setitem__(2, 0.9), "witness/strip/0/2"),
    (lambda m: m["calibration"].update(citable=999), "calibration/citable"),
    (lambda m: slab(m).update(variance={"build": 0, "process": 1, "round": 0, "next": ""}), "variance")])
def test_an_edited_result_is_named_by_its_place(folder, capsys, change, named):
    edit(folder, change)
    code, out, err = verify(folder, capsys, "--numbers")
    assert code == 1 and named in out and out.startswith("DIFFERS") and err == ""


def test_every_single_number_of_a_cell_is_checked(original, tmp_path, capsys):
    from suite.verify import check_numbers, rebuild
    measured, outcomes = json.loads((original / RESULTS).read_text()), rebuild.read(original, "")

    def places(value, path=()):
        if isinstance(value, (dict, list)):
            for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
                yield from places(entry, (*path, key))
        elif isinstance(value, float):
            yield path
    assert check_numbers(measured, outcomes, original) == []
    for path in places(slab(measured)):
        spoiled = copy.deepcopy(measured)
        target = slab(spoiled)
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = target[path[-1]] * 1.001 + 1e-9
        assert check_numbers(spoiled, outcomes, original), path


@pytest.mark.parametrize("key", ["ns_per_op", "baseline_ns_per_op"])
def test_edited_rounds_do_not_make_the_results(folder, capsys, key):
    def change(groups):
        records = next(group["records"] for group in groups if group["group"] == "good/live=10,hot=true")
        sample = records["good/live=10,hot=true/slab_pool@glibc"]["samples"][0]
        sample[key] = [value * 0.9 for value in sample[key]]
    edit_rounds(folder, change)
    code, out, _ = verify(folder, capsys, "--numbers")
    assert code == 1 and "slab_pool@glibc/" in out and "the rounds make" in out


def test_a_group_or_a_cell_that_was_left_out_of_the_rounds_is_missed(folder, capsys):
    edit_rounds(folder, lambda groups: groups.pop())
    assert "was never measured" in verify(folder, capsys, "--numbers")[1]


def test_an_edited_page_is_named_with_its_line(folder, capsys):
    page = folder / "report.md"
    page.write_text(page.read_text().replace("slab_pool", "slob_pool", 1))
    code, out, _ = verify(folder, capsys)
    assert code == 1 and "DIFFERS  report.md line " in out and "slob" in out


def test_pages_of_another_run_and_missing_charts_are_found(folder, capsys):
    chart = sorted((folder / "charts").glob("*.svg"))[0]
    chart.unlink()
    assert f"charts/{chart.name} is missing" in verify(folder, capsys)[1]
    shutil.copy(folder / "report.md", folder / "charts/extra.svg")
    assert "extra.svg" in verify(folder, capsys)[1] or "more" in verify(folder, capsys)[1]
    (folder / "report.html").write_text("<p>another</p>")
    assert verify(folder, capsys)[0] == 1


def test_png_copies_may_be_left_out_but_not_one_of_them(folder, capsys):
    report.write(json.loads((folder / RESULTS).read_text()), folder)
    copies = sorted((folder / "charts").glob("*.png"))
    assert len(copies) > 1
    copies[0].unlink()
    assert f"charts/{copies[0].name} is missing" in verify(folder, capsys)[1]


def test_a_run_without_copies_needs_the_charts_of_its_markdown_alone(folder, capsys):
    shown = set(re.findall(r"\]\((charts/[^)]*)\)", (folder / "report.md").read_text()))
    drawn = {f"charts/{path.name}" for path in (folder / "charts").glob("*.svg")}
    assert shown < drawn
    for path in (folder / "charts").iterdir():
        if f"charts/{path.name}" not in shown:
            path.unlink()
    assert verify(folder, capsys)[0] == 0
    (folder / min(shown)).unlink()
    assert f"{min(shown)} is missing" in verify(folder, capsys)[1]


def test_no_pages_are_no_difference(folder, capsys):
    for name in report.PAGES:
        (folder / name).unlink()
    shutil.rmtree(folder / "charts")
    code, out, _ = verify(folder, capsys)
    assert code == 0 and "no pages" in out


@pytest.mark.parametrize("spoil", [
    lambda path: path.write_bytes(path.read_bytes()[:-20]), lambda path: path.write_bytes(b"no gzip"),
    lambda path: path.write_bytes(path.read_bytes()[:200] + b"\xff" * 50 + path.read_bytes()[250:]),
    lambda path: path.write_bytes(b""), lambda path: path.unlink(),
    lambda path: path.write_bytes(gzip.compress(b'{"group": 1}\n')), lambda path: path.write_bytes(gzip.compress(b"\xff\xfe\n")),
    lambda path: path.write_bytes(gzip.compress(b"[" * 100_000))])
def test_rounds_that_cannot_be_read_are_one_line(folder, capsys, spoil):
    spoil(folder / ROUNDS)
    code, out, err = verify(folder, capsys)
    assert code == 2 or code == 1 and "was never measured" in out
    assert err.count("\n") == (code == 2) and "Traceback" not in err


def test_a_plan_that_is_none_is_one_line_and_none_at_all_is_well(folder, capsys):
    (folder / PLAN).write_text("[]")
    assert verify(folder, capsys, "--numbers")[0] == 2
    (folder / PLAN).unlink()
    assert verify(folder, capsys, "--numbers")[0] == 0


@pytest.mark.parametrize(("looks", "said"), [
    ([(6, 0.968), (8, 0.968)], "spends 6.4% of error"), ([(6, 0.5)], "spends 50.0%"), ([(6, 1.0)], "between 0 and 1"),
    ([(6, -3)], "between 0 and 1"), ([(8, 0.99), (6, 0.99)], "follow one another"), ([(0, 0.99)], "follow one another")])
def test_looks_that_spend_more_error_than_there_is_are_refused(folder, capsys, looks, said):
    for name in ("looks", "long_looks"):
        edit(folder, lambda m: m["protocol"].update({name: [{"processes": count, "confidence": level} for count, level in looks]}))
        code, out, err = verify(folder, capsys, "--numbers")
        assert (code, out) == (2, "") and said in err and err.count("\n") == 1


def test_a_key_that_the_whole_file_is_too_old_for_is_no_difference(folder, capsys):
    edit(folder, lambda m: [workload.pop("hash", None) for workload in m["workloads"]])
    assert verify(folder, capsys, "--numbers")[0] == 0


@pytest.mark.parametrize("key", ["adjusted", "confidence"])
def test_a_key_that_a_claim_rests_on_is_missed_even_when_no_cell_has_it(folder, capsys, key):
    edit(folder, lambda m: [cell.pop(key) for cell in m["cells"]])
    code, out, _ = verify(folder, capsys, "--numbers")
    assert code == 1 and f"/{key}: results.json has nothing" in out


def test_hostile_names_are_shown_harmless(folder, capsys):
    for name in ("<script>\x1b[31m", "y" * 10_000):
        edit(folder, lambda m: slab(m).update(digest=name))
        code, out, _ = verify(folder, capsys, "--numbers")
        assert code == 1 and "\x1b" not in out and len(out) < 600


def test_homes_are_not_told(original):
    for path in (original / RESULTS, original / "report.md"):
        assert "qwertz" not in path.read_text()
