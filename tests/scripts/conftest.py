"""What every test of the scripts is kept from: the moods of the machine that it runs on."""

import json
import sys

import pytest
from driver import ROOT  # noqa: F401  (puts the package on the path)
from suite.claims import cpython
from suite.machine import calm
from suite.measure import rounds


@pytest.fixture(autouse=True)
def nobody_steals(monkeypatch):
    """A hypervisor that takes time away would make a block of made-up times a disturbed one."""
    monkeypatch.setattr(rounds, "stolen_ticks", lambda cpu: (0, 0))


@pytest.fixture(scope="session", autouse=True)
def a_machine_of_its_own(tmp_path_factory):
    """No test remembers made-up witnesses for the user's next run, nor waits for a quiet core: the machine may have none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(calm, "LONGEST_WAIT_SECONDS", 0.0)
        yield


@pytest.fixture(autouse=True)
def nothing_is_known_of_the_machine(monkeypatch, tmp_path_factory):
    """Nor does a test know of the one before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def measured_file(tmp_path_factory):
    """What the Python that runs the tests answers, briefly: enough for its form, not for a claim."""
    path = tmp_path_factory.mktemp("cpython") / "cpython.json"
    answer = cpython.raw(sys.executable, ("--seeds", "2", "--rounds", "2", "--objects", "20000"), cpython.SECONDS)
    path.write_text(json.dumps({"schema": 1, "answers": [answer], "skipped": []}))
    return path


@pytest.fixture(scope="session")
def measured(measured_file):
    """The same as a document."""
    return cpython.accept(json.loads(measured_file.read_text())["answers"][0])
