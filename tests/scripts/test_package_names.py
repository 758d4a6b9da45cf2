"""Each name of packages.txt, and each package that a program tells to install, is to be had in the releases that people have."""

import re

import pytest
from driver import ROOT
from suite.base import packages, releases
from suite.base.errors import UserError

LISTED = packages.parse((ROOT / "scripts/packages.txt").read_text())
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
