"""Systems without Debian's packages (Fedora, Arch, ...): what is needed, by what it is for, and what of it is there.

Only programs and Python modules can be looked for here; the build says which library it lacks.
"""

import importlib.util
import shutil
import sys
from collections.abc import Iterable

from suite.base.errors import UserError
from suite.base.package_list import Package

PROGRAMS = {"ninja-build": "ninja"}  # others are called as their package is
MODULES = {"python3-pytest-xdist": "xdist"}
LIBRARIES = ("lib", "nlohmann", "python3-dev")


def found(package: Package) -> bool | None:
    """Whether it is there; None for a library, which only the build can tell."""
    name = package.name
    if name.startswith(LIBRARIES):
        return None
    if name.startswith("python3-"):
        return importlib.util.find_spec(MODULES.get(name, name.removeprefix("python3-"))) is not None
    return shutil.which(PROGRAMS.get(name, name)) is not None


def lines(packages: Iterable[Package]) -> list[str]:
    """One a need: what for, whether it is there, and what Debian calls it."""
    said = {True: "there", False: "not there", None: "the build looks for it"}
    return [f"  {'needed' if package.required else 'optional'}: {package.why} ({' or '.join(package.names)} in Debian): "
            f"{said[found(package)]}" for package in packages]


def check(packages: Iterable[Package], everything: bool) -> None:
    """Prints what is needed and goes on with what is there; refuses where something required is not."""
    packages = tuple(packages)
    lacking = [package for package in packages if found(package) is False]
    if everything:
        print("this system has no dpkg, so nothing is installed; what is needed:", *lines(packages), sep="\n", file=sys.stderr)
    required = [f"{package.name} ({package.why})" for package in lacking if package.required]
    if required:
        raise UserError(f"not found: {'; '.join(required)}; install them as this system does, and run the command again")
