"""Packages: what is missing is named; where it may not be installed, the exact command is."""

import pytest
from driver import ROOT
from suite.base import packages
from suite.base.errors import UserError
from suite.base.packages import Package

LISTED = packages.parse((ROOT / "scripts/packages.txt").read_text())


def dpkg(*installed):
    return lambda names: "".join(f"{name} {'installed' if name in installed else 'config-files'}\n" for name in names)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine with nothing installed, on which apt-get is only written down."""
    calls = []
    monkeypatch.setattr(packages, "query", dpkg())
    monkeypatch.setattr(packages, "GAVE_UP", tmp_path / "gave_up")
    monkeypatch.setattr(packages, "may_install", lambda: True)
    monkeypatch.setattr(packages, "_apt", lambda *words: calls.append(words) or True)
    return calls


def test_the_list_is_whole():
    assert {package.group for package in LISTED} == {"build", "heaps", "peers", "report", "test"}
    assert all(package.why for package in LISTED)
    assert {package.group for package in LISTED if not package.required} == {"heaps", "peers", "test"}


def test_missing_is_what_dpkg_does_not_call_installed():
    wanted = (Package("a", "build", True, ""), Package("b", "build", True, ""), Package("c", "build", True, ""))
    assert [package.name for package in packages.missing(wanted, dpkg("b"))] == ["a", "c"]
    assert [package.name for package in packages.missing(wanted, lambda _: "a installed\n")] == ["b", "c"]
    assert packages.missing(wanted, lambda _: None) == ()


def test_this_machine_answers():
    answer = packages.query(["dpkg", "no-such-package-at-all"])
    assert answer is None or answer.strip() == "dpkg installed"


def test_where_it_may_not_install_it_prints_the_command(bare, monkeypatch, capsys):
    monkeypatch.setattr(packages, "may_install", lambda: False)
    with pytest.raises(UserError, match="apt-get install -y --no-install-recommends g\\+\\+ cmake") as caught:
        packages.ensure(["build"])
    assert "\n" not in str(caught.value) and not bare
    assert packages.ensure(["heaps"]) is False
    assert "apt-get install" in capsys.readouterr().err


def test_the_variable_forbids_to_install(monkeypatch):
    monkeypatch.setenv("POOLMARK_NO_INSTALL", "1")
    assert packages.may_install() is False


def test_packages_are_named_before_they_are_installed(bare, capsys):
    assert packages.ensure(["build", "heaps"]) is True
    assert capsys.readouterr().err.startswith("installing: g++ cmake ninja-build pkg-config git libbenchmark-dev nlohmann-json3-dev lib")
    installs = [call for call in bare if call[0] == "install"]
    assert "g++" in installs[0] and "libjemalloc2" not in installs[0]


def test_an_optional_package_that_is_not_to_be_had_is_asked_for_once(bare, capsys):
    packages.ensure(["heaps"])
    assert "not to be had" in capsys.readouterr().err
    bare.clear()
    assert packages.ensure(["heaps"]) is False and not bare
    assert packages.ensure(["heaps"], retry=True) is True and bare


def test_nothing_is_done_when_all_is_there(bare, monkeypatch):
    monkeypatch.setattr(packages, "query", dpkg(*[package.name for package in LISTED]))
    assert packages.ensure(["build", "heaps", "peers", "report", "test"]) is False and not bare
