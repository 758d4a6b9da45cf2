"""A run of the stand-in with its pages, and how tests of `verify` spoil it and read what is said."""

import gzip
import json
from dataclasses import replace

import pytest
from driver import ROOT, campaign
from suite import cli, report
from suite.measure import rounds
from suite.measure.journal import RESULTS, ROUNDS
from suite.plan import presets

LOOKS = (presets.Look(6, 0.968, 3), presets.Look(8, 0.99, 4))


def made(folder, workloads=("good", "bad"), **environment):
    """A run of the stand-in with its pages."""
    with pytest.MonkeyPatch.context() as patch:  # what was in force then stands in the results
        patch.setitem(presets.PRESETS, "quick", replace(presets.PRESETS["quick"], looks=LOOKS, long_looks=LOOKS, rounds=4))
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(rounds, "stolen_ticks", lambda cpu: (0, 0))  # a busy machine must not reject the stand-in's rounds
        ending = campaign(folder, preset="quick", workloads=workloads,
                          command="scripts/poolmark run --out /home/qwertz/x").run(ROOT)
    report.build(ending.results, folder, png=False)  # drawing is most of what a test of verify takes
    return folder


def verify(folder, capsys, *words):
    code = cli.main(["verify", str(folder), *words])
    found = capsys.readouterr()
    return code, found.out, found.err


def edit(folder, change):
    measured = json.loads((folder / RESULTS).read_text())
    change(measured)
    (folder / RESULTS).write_text(json.dumps(measured))


def edit_rounds(folder, change):
    with gzip.open(folder / ROUNDS, "rt") as stream:
        groups = [json.loads(line) for line in stream]
    change(groups)
    with gzip.open(folder / ROUNDS, "wt") as stream:
        stream.writelines(json.dumps(group) + "\n" for group in groups)


def slab(measured):
    return next(cell for cell in measured["cells"] if cell["strategy"] == "slab_pool")


def other_quality(measured):
    return "INVALID" if measured["calibration"]["quality"] == "SOUND" else "SOUND"
