"""What the suite needs: installs what is missing of packages.txt, after naming it; or prints the exact command where it may not
install. On a system without Debian's packages (Fedora, Arch, ...) it says what is needed, by what it is for, and what of it is there:
only programs and Python modules can be looked for, and the build says which library it lacks.

Only the standard library is used here, because this runs before any package is there.
"""

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from suite.base.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
LIST = ROOT / "scripts/packages.txt"
TO_MEASURE = ("build", "heaps", "peers", "report")
ON_REQUEST = "aarch64"  # the group that only one flag needs
GAVE_UP = ROOT / "build/packages-not-to-be-had.txt"
APT_LISTS = Path("/var/lib/apt/lists")
PROGRAMS = {"ninja-build": "ninja"}  # others are called as their package is
MODULES = {"python3-pytest-xdist": "xdist"}
LIBRARIES = ("lib", "nlohmann", "python3-dev")


@dataclass(frozen=True)
class Package:
    """A line of packages.txt: what is needed, by the best name that brings it, and other names for other systems."""

    name: str
    group: str
    required: bool
    why: str
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Best first."""
        return (self.name, *self.others)


def parse(text: str) -> tuple[Package, ...]:
    """The packages of a list: `package|package  group  required|optional  why` a line."""
    lines = (line.split(None, 3) for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return tuple(Package(names.split("|")[0], group, need == "required", why, tuple(names.split("|")[1:]))
                 for names, group, need, why in lines)


def query(names: Sequence[str]) -> str | None:
    """What dpkg knows about the packages, one `name status` a line; None where there is no dpkg."""
    try:
        done = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\\n", *names],
                              capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout  # its exit code only says that some are unknown


def indexed(names: Sequence[str], options: Sequence[str] = ()) -> dict[str, str]:
    """The versions of those that the package index can bring."""
    try:
        done = subprocess.run(["apt-cache", *options, "policy", *names], capture_output=True, text=True, check=False,
                              env=os.environ | {"LC_ALL": "C"})
    except OSError:
        return {}
    found = re.findall(r"^(\S+):\n.*\n  Candidate: (\S+)", done.stdout, re.MULTILINE)
    return {name: version for name, version in found if version != "(none)"}


def missing(packages: Iterable[Package], ask: Callable[[Sequence[str]], str | None] | None = None,
            index: Callable[[Sequence[str]], Iterable[str]] | None = None) -> tuple[Package, ...]:
    """Those of which no name is installed, by the first name that the index knows. Without dpkg that cannot be known, and
    the build will say what it lacks."""
    packages = tuple(packages)
    answer = (ask or query)([name for package in packages for name in package.names])
    if answer is None:
        return ()
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    lacking = [package for package in packages if not installed.intersection(package.names)]
    alternatives = [name for package in lacking if package.others for name in package.names]
    known = set((index or indexed)(alternatives)) if alternatives else set()
    return tuple(replace(package, name=next((name for name in package.names if name in known), package.name), others=())
                 for package in lacking)


def is_there(package: Package) -> bool | None:
    """Whether it is there; None for a library, which only the build can tell."""
    name = package.name
    if name.startswith(LIBRARIES):
        return None
    if name.startswith("python3-"):
        return importlib.util.find_spec(MODULES.get(name, name.removeprefix("python3-"))) is not None
    return shutil.which(PROGRAMS.get(name, name)) is not None


def _needs(packages: Iterable[Package]) -> list[str]:
    """One a need: what for, whether it is there, and what Debian calls it."""
    said = {True: "there", False: "not there", None: "the build looks for it"}
    return [f"  {'needed' if package.required else 'optional'}: {package.why} ({' or '.join(package.names)} in Debian): "
            f"{said[is_there(package)]}" for package in packages]


def check_without_dpkg(packages: Iterable[Package], everything: bool) -> None:
    """Prints what is needed and goes on with what is there; refuses where something required is not."""
    packages = tuple(packages)
    lacking = [package for package in packages if is_there(package) is False]
    if everything:
        print("this system has no dpkg, so nothing is installed; what is needed:", *_needs(packages), sep="\n", file=sys.stderr)
    required = [f"{package.name} ({package.why})" for package in lacking if package.required]
    if required:
        raise UserError(f"not found: {'; '.join(required)}; install them as this system does, and run the command again")


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo"]


def command(names: Iterable[str]) -> list[str]:
    """The command a person would type."""
    return [*_as_root(), "apt-get", "install", "-y", "--no-install-recommends", *names]


def may_install() -> bool:
    """Whether packages can be installed without asking anyone."""
    if os.environ.get("POOLMARK_NO_INSTALL") == "1" or not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        return True
    return bool(shutil.which("sudo")) and subprocess.run(["sudo", "-n", "true"], capture_output=True,
                                                         check=False).returncode == 0


def _apt(*arguments: str) -> bool:
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    done = subprocess.run([*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *arguments],
                          stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    return done.returncode == 0


def _empty_index() -> bool:
    return not any(APT_LISTS.glob("*_Packages*"))


def _install(names: Sequence[str]) -> bool:
    arguments = ("install", "-y", "-q", "--no-install-recommends", *names)
    return _apt(*arguments) or (_apt("update", "-q") and _apt(*arguments))


def _install_optional(packages: Sequence[Package]) -> None:
    """Together when possible, else one by one; what cannot be had is remembered, so it is asked for only once."""
    names = [package.name for package in packages]
    if names and not _install(names):
        for name in names:
            _apt("install", "-y", "-q", "--no-install-recommends", name)
    left = [package.name for package in missing(packages)] if packages else []
    if left:
        print(f"note: not to be had: {' '.join(left)}; their rows are skipped", file=sys.stderr)
        GAVE_UP.parent.mkdir(parents=True, exist_ok=True)
        GAVE_UP.write_text("\n".join(left) + "\n", encoding="utf-8")


def ensure(groups: Iterable[str], retry: bool = False) -> bool:
    """Makes sure that the groups are installed; True when something was. `retry` asks again for what was not to be had.
    """
    wanted = [package for package in parse(LIST.read_text(encoding="utf-8")) if package.group in set(groups)]
    if query(["dpkg"]) is None:
        check_without_dpkg(wanted, everything=retry)
        return False
    lacking = missing(wanted)
    if lacking and may_install() and _empty_index():  # the index says under which of its names a package is to be had
        _apt("update", "-q")
        lacking = missing(wanted)
    gave_up = GAVE_UP.read_text(encoding="utf-8").split() if GAVE_UP.exists() and not retry else []
    required = [package for package in lacking if package.required]
    optional = [package for package in lacking if not package.required and package.name not in gave_up]
    if not required and not optional:
        return False
    names = [package.name for package in required + optional]
    typed = " ".join(command(dict.fromkeys(names)))
    if _empty_index():
        typed = " ".join([*_as_root(), "apt-get update &&", typed])
    if not may_install():
        if required:
            raise UserError(f"missing packages: {' '.join(names)}; install them with: {typed}")
        print(f"note: rows of these are skipped: {' '.join(names)}; to have them: {typed}", file=sys.stderr)
        return False
    print(f"installing: {' '.join(names)}", file=sys.stderr, flush=True)
    if required and not _install([package.name for package in required]):
        left = missing(required)
        known = indexed([package.name for package in left])
        # What no index of this system brings may have been installed by hand; of a library the build says whether it is there.
        left = [package for package in left if is_there(package) is False or package.name in known]
        if left:
            raise UserError(f"apt-get could not install {', '.join(f'{package.name} ({package.why})' for package in left)}; "
                            f"install them with: {typed}")
    _install_optional(optional)
    importlib.invalidate_caches()
    return True


def restart_on_system_python(arguments: Sequence[str]) -> None:
    """Debian's packages belong to /usr/bin/python3; when another one runs this, hands over to it."""
    system = Path("/usr/bin/python3")
    if importlib.util.find_spec("rich") is None and system.exists() and Path(sys.executable).resolve() != \
            system.resolve():
        os.execv(system, [str(system), "-P", "-m", "suite", *arguments])
