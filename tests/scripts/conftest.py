"""What every test of the scripts is kept from: the moods of the machine that it runs on."""

import json
import os
import signal
import sys

import pytest
import small_run
from driver import SHARED, once
from suite.claims import cpython
from suite.machine import calm
from suite.measure import rounds


signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests under nohup would start programs that do not hear it


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    """One for all workers of a session."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(autouse=True)
def nobody_steals(monkeypatch):
    """A hypervisor that takes time away would make a block of made-up times a disturbed one."""
    monkeypatch.setattr(rounds, "stolen_ticks", lambda cpu: (0, 0))


@pytest.fixture(scope="session", autouse=True)
def a_machine_of_its_own(tmp_path_factory, shared_folder):
    """No test remembers made-up witnesses for the user's next run, nor waits for a quiet core: the machine may have none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv(SHARED, str(shared_folder))
        patch.setattr(calm, "LONGEST_WAIT_SECONDS", 0.0)
        yield


@pytest.fixture(autouse=True)
def nothing_is_known_of_the_machine(monkeypatch, tmp_path_factory):
    """Nor does a test know of the one before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def measured_file(shared_folder):
    """What the Python that runs the tests answers, briefly: enough for its form, not for a claim."""
    def ask(folder):
        answer = cpython.raw(sys.executable, ("--seeds", "2", "--rounds", "2", "--objects", "20000"), cpython.SECONDS)
        (folder / "cpython.json").write_text(json.dumps({"schema": 1, "answers": [answer], "skipped": []}))
    return once(shared_folder / "cpython", ask) / "cpython.json"


@pytest.fixture(scope="session")
def original(shared_folder):
    """A run of the stand-in with its pages. Whoever spoils it takes a copy."""
    return once(shared_folder / "verified", small_run.made)


@pytest.fixture(scope="session")
def measured(measured_file):
    """The same as a document."""
    return cpython.accept(json.loads(measured_file.read_text())["answers"][0])
