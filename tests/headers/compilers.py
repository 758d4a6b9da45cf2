"""Compiles every public header with each compiler and each set of flags that is here, and writes docs/compilers.md.

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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/compilers.md"
LIBCXX = os.environ.get("POOLMARK_LIBCXX", "")  # a folder with libc++'s headers, where they are not installed
LIBCXX_FLAGS = f"-nostdinc++ -isystem {LIBCXX}" if LIBCXX else "-stdlib=libc++"
COMPILERS = {
    "GCC 12, libstdc++": "g++-12",
    "GCC 14, libstdc++": "g++-14",
    "Clang 14, libstdc++": "clang++-14",
    "Clang 14, libc++ 14": f"clang++-14 {LIBCXX_FLAGS}",
    "Clang 19, libstdc++": "clang++-19",
    "Clang 19, libc++ 19": "clang++-19 -stdlib=libc++",
    "GCC 12, aarch64": "aarch64-linux-gnu-g++-12",
}
FLAGS = ("", "-fno-exceptions", "-fno-rtti", "-fsanitize=address,undefined")
REFUSAL = re.compile(r'(pools/\S+\.hpp):\d+:\d+: error: (?:#error )?"poolmark: ([^"\n]*)"')
HEAD = """# What compiles with what

All headers in one file, and each by itself where that fails, with `-std=c++20 -Wall -Wextra -Werror`. Written by `tests/headers/compilers.py --write`; a test compares.

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
    # Together they compile faster than one by one; only where that fails without those that refuse, each is asked.
    for _ in range(2):
        left = [header for header in all_headers if header not in refusals]
        done = _compile(command, "".join(f'#include "{header}"\n' for header in left))
        if done.returncode == 0:
            break
        refusals |= {found[1]: found[2] for found in REFUSAL.finditer(done.stderr)}
    else:
        for header in left:
            done = _compile(command, f'#include "{header}"\n')
            if done.returncode != 0 and not REFUSAL.search(done.stderr):
                faults.append(f"{name} {flags}: {header}: {(done.stderr.splitlines() or ['?'])[0]}")
    told = "; ".join(f"`{header}`: {text}" for header, text in refusals.items()) or "none"
    said = f"`{flags}`" if flags else "none"
    return f"| {name} | {said} | {len(all_headers) - len(refusals)} of {len(all_headers)} | {told} |", faults


def main(write: bool) -> int:
    page = PAGE.read_text() if PAGE.exists() else ""
    kinds = [(name, compiler, flags) for name, compiler in COMPILERS.items() for flags in FLAGS]
    here = {compiler: is_here(compiler) for compiler in COMPILERS.values()}
    with ThreadPoolExecutor(2) as pool:
        asked = list(pool.map(lambda kind: row(*kind) if here[kind[1]] else None, kinds))
    lines, wrong = [], []
    for (name, _, flags), answer in zip(kinds, asked, strict=True):
        begin = f"| {name} | {f'`{flags}`' if flags else 'none'} |"
        before = next((line for line in page.splitlines() if line.startswith(begin)), "")
        line, faults = answer or (before, [])
        lines += [line] if line else []
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
