"""The package indexes of Debian's releases, whichever of them this machine has: fetched by apt-get into a folder of their own.

Good for: proving that each name of packages.txt is to be had where people are. Nothing of this machine's apt is touched.
"""

import subprocess
import time
from pathlib import Path

from suite.base.errors import UserError

CODENAMES = {"debian12": "bookworm", "debian13": "trixie"}
FRESH_SECONDS = 24 * 3600
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def codename(release: str) -> str:
    """Of a release by its name here."""
    if release not in CODENAMES:
        raise UserError(f"unknown system '{release}'; known: {', '.join(CODENAMES)}")
    return CODENAMES[release]


def mirror() -> str:
    """Where this machine's own apt has Debian's packages from; empty where it has none."""
    try:
        done = subprocess.run(["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"],
                              capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return next((line.split()[1] for line in done.stdout.splitlines() if line.startswith("Debian ")), "")


def index(release: str, cache: Path) -> list[str] | None:
    """The options that make apt-cache look into the index of a release; None where it cannot be had. Fetched once a day."""
    name, source = codename(release), mirror()
    folder = (cache / release).resolve()
    if not source or not Path(KEYRING).exists():
        return None
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(f"deb [signed-by={KEYRING}] {source} {name} main\n", encoding="utf-8")
    places = {"Dir::Etc::sourcelist": "sources.list", "Dir::State::lists": "lists", "Dir::State::status": "status",
              "Dir::Cache": "cache"}
    options = ["-o", "Dir::Etc::sourceparts=/dev/null",
               *(word for key, place in places.items() for word in ("-o", f"{key}={folder / place}"))]
    stamp = folder / "fetched"
    if not stamp.exists() or time.time() - stamp.stat().st_mtime > FRESH_SECONDS:
        got = subprocess.run(["apt-get", *options, "update", "-q", "--error-on=any"], capture_output=True, check=False)
        if got.returncode != 0 and not stamp.exists():
            return None
        if got.returncode == 0:
            stamp.touch()
    return options
