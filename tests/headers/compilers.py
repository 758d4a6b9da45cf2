"""Compiles every public header by itself, with each compiler and each set of flags that is here, and writes docs/compilers.md.

    tests/headers/compilers.py            says which headers are not as the page says
    tests/headers/compilers.py --write    writes the page anew

A header that refuses does so by an `#error "poolmark: ..."` of ours; anything else that does not compile is a fault.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/compilers.md"
LIBCXX = os.environ.get("POOLMARK_LIBCXX", "")  # a folder with libc++'s headers, where they are not installed
LIBCXX_FLAGS = f"-nostdinc++ -isystem {LIBCXX}" if LIBCXX else "-stdlib=libc++"
COMPILERS = {
    "GCC 12, libstdc++": "g++-12",
    "Clang 14, libstdc++": "clang++-14",
    "Clang 14, libc++ 14": f"clang++-14 {LIBCXX_FLAGS}",
    "GCC 12, aarch64": "aarch64-linux-gnu-g++-12",
}
FLAGS = ("", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden -fPIC", "-fsanitize=address,undefined", "-fsanitize=thread")
HEAD = """# What compiles with what

Every header, by itself, with `-std=c++20 -Wall -Wextra -Werror`. Written by `tests/headers/compilers.py --write`; a test compares.

| compiler | flags | headers that compile | that refuse, and what they say |
|---|---|--:|---|
"""


def headers() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "pools").rglob("*.hpp"))


def _compile(command: str, text: str) -> subprocess.CompletedProcess[str]:
    words = [*command.split(), "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{ROOT}", "-x", "c++", "-"]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False)


def is_here(command: str) -> bool:
    """The compiler and its standard library."""
    return shutil.which(command.split()[0]) is not None and _compile(command, "#include <cstddef>\n").returncode == 0


def row(name: str, compiler: str, flags: str) -> tuple[str, list[str]]:
    """The page's line, and the faults."""
    refusals: dict[str, str] = {}
    faults = []
    all_headers = headers()
    command = f"{compiler} {flags}"
    left = list(all_headers)
    # Together they compile faster than one by one; only where they do not, each is asked.
    if _compile(command, "".join(f'#include "{header}"\n' for header in left)).returncode != 0:
        for header in left:
            done = _compile(command, f'#include "{header}"\n')
            if done.returncode != 0:
                said = re.search(r'#error "?poolmark: ([^"\n]*)', done.stderr) or re.search(r'error: "?poolmark: ([^"\n]*)', done.stderr)
                if said:
                    refusals[header] = said.group(1)
                else:
                    faults.append(f"{name} {flags}: {header}: {(done.stderr.splitlines() or ['?'])[0]}")
    told = "; ".join(f"`{header}`: {text}" for header, text in refusals.items()) or "none"
    return f"| {name} | `{flags}` | {len(all_headers) - len(refusals)} of {len(all_headers)} | {told} |".replace("``", "none"), faults


def main(write: bool) -> int:
    page = PAGE.read_text() if PAGE.exists() else ""
    lines, wrong = [], []
    for name, compiler in COMPILERS.items():
        here = is_here(compiler)
        for flags in FLAGS:
            before = next((line for line in page.splitlines() if line.startswith(f"| {name} | `{flags}` |".replace("``", "none"))), "")
            if not here:
                lines += [before] if before else []
                continue
            line, faults = row(name, compiler, flags)
            lines.append(line)
            wrong += faults
            if not write and line != before:
                wrong.append(f"the page says {before or 'nothing'}, and it is {line}; write it anew with tests/headers/compilers.py --write")
    if write and not wrong:
        with tempfile.NamedTemporaryFile("w", dir=PAGE.parent, delete=False) as fresh:
            fresh.write(HEAD + "\n".join(lines) + "\n")
        Path(fresh.name).chmod(0o644)
        Path(fresh.name).replace(PAGE)
    print("\n".join(wrong) or "as the page says")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
