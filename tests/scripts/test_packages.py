"""Packages: what is missing is named, the exact command stands where it may not be installed, and each name is one that releases have."""

import re

import pytest
from driver import ROOT
from suite.base import packages, releases
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
    monkeypatch.setattr(packages, "indexed", lambda names, options=(): dict.fromkeys(names, "1.0"))
    monkeypatch.setattr(packages, "_empty_index", lambda: False)
    monkeypatch.setattr(packages, "GAVE_UP", tmp_path / "gave_up")
    monkeypatch.setattr(packages, "may_install", lambda: True)
    monkeypatch.setattr(packages, "_apt", lambda *words: calls.append(words) or True)
    return calls


def test_the_list_is_whole():
    assert {package.group for package in LISTED} == {"build", "heaps", "peers", "report", "test", "aarch64"}
    assert all(package.why for package in LISTED)
    assert {package.group for package in LISTED if not package.required} == {"heaps", "peers", "test"}


def test_missing_is_what_dpkg_does_not_call_installed():
    wanted = (Package("a", "build", True, ""), Package("b", "build", True, ""), Package("c", "build", True, ""))
    assert [package.name for package in packages.missing(wanted, dpkg("b"))] == ["a", "c"]
    assert [package.name for package in packages.missing(wanted, lambda _: "a installed\n")] == ["b", "c"]
    assert packages.missing(wanted, lambda _: None) == ()


def test_of_alternatives_any_is_enough_and_the_first_that_the_index_knows_is_taken():
    wanted = packages.parse("new3|new2|new-dev heaps optional the heap new\nsole peers optional a peer\n")
    assert wanted[0].names == ("new3", "new2", "new-dev") and wanted[1].names == ("sole",)
    assert packages.missing(wanted, dpkg("new2", "sole")) == ()
    assert [package.name for package in packages.missing(wanted, dpkg(), lambda _: ["new-dev", "new2"])] == ["new2", "sole"]
    assert [package.name for package in packages.missing(wanted, dpkg(), lambda _: [])] == ["new3", "sole"]


def test_where_there_is_no_dpkg_what_is_needed_is_told_by_purpose(bare, monkeypatch, capsys):
    monkeypatch.setattr(packages, "query", lambda _: None)
    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/bin/{name}")
    assert packages.ensure(["build", "heaps"]) is False and not capsys.readouterr().err
    assert packages.ensure(["build", "heaps"], retry=True) is False and not bare
    said = capsys.readouterr().err
    assert "needed: compiles the benchmarks (g++ in Debian): there" in said
    assert "optional: the heap mimalloc (libmimalloc3 or libmimalloc2.0 or" in said and said.count("\n") > 8
    monkeypatch.setattr(packages.shutil, "which", lambda name: None if name == "ninja" else name)
    with pytest.raises(UserError, match=r"not found: ninja-build \(builds them"):
        packages.ensure(["build"])


def test_what_no_index_brings_may_have_been_installed_by_hand(bare, monkeypatch):
    monkeypatch.setattr(packages, "_apt", lambda *words: False)
    with pytest.raises(UserError, match=r"could not install g\+\+ \(compiles"):
        packages.ensure(["build"])
    monkeypatch.setattr(packages, "indexed", lambda names, options=(): {})
    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/bin/{name}")
    assert packages.ensure(["build"]) is True


def test_an_empty_index_is_filled_before_names_are_chosen(bare, monkeypatch):
    monkeypatch.setattr(packages, "_empty_index", lambda: True)
    packages.ensure(["heaps"])
    assert bare[0] == ("update", "-q")
    monkeypatch.setattr(packages, "may_install", lambda: False)
    with pytest.raises(UserError, match="apt-get update && .*apt-get install"):
        packages.ensure(["build"])


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


TOLD = re.compile(r'"(?:not installed: )?(?:[^"\n]*apt install )?((?:lib[a-z][a-z0-9.+-]*|g\+\+|python3-dev|redis-server|memcached))\)?"')


def told():
    """What C++ calls the package of a heap, of a peer or of a program that is missing."""
    files = [ROOT / "allocators/catalog.cpp", ROOT / "benchmarks/harness/private_server.cpp",
             *(ROOT / "benchmarks/contenders").rglob("*.hpp")]
    return {name for file in files for name in TOLD.findall(file.read_text()) if ".so" not in name}


@pytest.fixture(scope="module", params=releases.CODENAMES)
def release(request):
    options = releases.index(request.param, ROOT / "build/package-indexes")
    if options is None:
        pytest.skip(f"the package index of {request.param} cannot be reached from here")
    names = {name for package in LISTED for name in package.names} | told()
    return packages.indexed(sorted(names), options)


def test_each_line_of_the_list_has_a_package(release):
    assert [package for package in LISTED if not release.keys() & set(package.names)] == []


def test_what_a_program_says_to_install_is_there(release):
    assert {"libmimalloc-dev", "libjemalloc2", "libboost-dev", "redis-server", "libgc1", "g++"} <= told()
    assert told() - release.keys() == {"libc6"} - release.keys()


def test_an_index_has_no_names_that_nobody_has(release):
    assert "libadded0" not in release and release["g++"]


def test_an_unknown_release_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match="unknown system 'debian9'; known: debian12, debian13"):
        releases.codename("debian9")
