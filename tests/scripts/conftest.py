"""What every test of the scripts is kept from: the moods of the machine that it runs on."""

import pytest
from driver import ROOT  # noqa: F401  (puts the package on the path)
from suite import heat


@pytest.fixture(autouse=True)
def nobody_steals(monkeypatch):
    """A hypervisor that takes time away would make a block of made-up times a disturbed one."""
    monkeypatch.setattr(heat, "stolen_ticks", lambda cpu: (0, 0))
