"""Compiles every public header with each compiler and each set of flags that is here, and writes docs/compilers.md.

    tests/headers/compilers.py            says which headers are not as the page says
    tests/headers/compilers.py --write    writes the page anew
    tests/headers/compilers.py --quick    of C++23 with no flag alone

A compiler of another system takes part where POOLMARK_COMPILERS says how it is called, as in "g++-16=chroot /sid g++-16;...". This
checkout has to be at its own path there.

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
CALLED = dict(each.split("=", 1) for each in os.environ.get("POOLMARK_COMPILERS", "").split(";") if each)
COMPILERS = {
    "GCC 12, libstdc++": "g++-12",
    "GCC 14, libstdc++": "g++-14",
    "GCC 16, libstdc++": "g++-16",
    "Clang 14, libstdc++": "clang++-14",
    "Clang 14, libc++ 14": f"clang++-14 {LIBCXX_FLAGS}",
    "Clang 19, libstdc++": "clang++-19",
    "Clang 19, libc++ 19": "clang++-19 -stdlib=libc++",
    "Clang 23, libstdc++": "clang++-23",
    "Clang 23, libc++ 23": "clang++-23 -stdlib=libc++",
    "GCC 12, aarch64": "aarch64-linux-gnu-g++-12",
    "GCC 14, aarch64": "aarch64-linux-gnu-g++-14",
    "GCC 16, aarch64": "aarch64-linux-gnu-g++-16",
}
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
FLAGS = ("", "-fno-exceptions", "-fno-rtti", "-fsanitize=address,undefined")
KINDS = tuple(f"{standard} {flags}".strip() for standard in ("-std=c++20", "-std=c++2b") for flags in FLAGS)
QUICK = KINDS[:len(FLAGS) + 1]
ALL = "all"
REFUSAL = re.compile(r'(pools/\S+\.hpp):\d+:\d+: error: (?:#error )?"poolmark: ([^"\n]*)"')
HEAD = f"""# What compiles with what

All headers in one file, and each by itself where that fails, with `{' '.join(WARNINGS)}`; in C++20 and in C++23 (`-std=c++2b`, which all of
them know), in each without another flag and with {', '.join(f'`{flags}`' for flags in FLAGS[1:])}. Where all eight say the same, a compiler
has one line. Written by `tests/headers/compilers.py --write`; a test compares.

| compiler | with | headers that compile | that refuse, and what they say |
|---|---|--:|---|
"""


def headers() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "pools").rglob("*.hpp"))


def _compile(command: str, text: str) -> subprocess.CompletedProcess[str]:
    words = [*command.split(), *WARNINGS, "-fsyntax-only", f"-I{ROOT}", "-x", "c++", "-"]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False)


def called(command: str) -> str:
    """A compiler as it is to be called here."""
    name, _, flags = command.partition(" ")
    return f"{CALLED.get(name, name)} {flags}"


def is_here(command: str) -> bool:
    """The compiler and its standard library."""
    return shutil.which(command.split()[0]) is not None and _compile(command, "#include <cstddef>\n").returncode == 0


def ask(name: str, compiler: str, kind: str) -> tuple[str, list[str]]:
    """How many headers compile and what others say, as the page has it, and the faults."""
    refusals: dict[str, str] = {}
    faults = []
    all_headers = headers()
    command = f"{compiler} {kind}"
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
                first = next((line for line in done.stderr.splitlines() if "error:" in line), "?")
                faults.append(f"{name}, {kind}: {header}: {first}")
    told = "; ".join(f"`{header}`: {text}" for header, text in refusals.items()) or "none"
    return f"{len(all_headers) - len(refusals)} of {len(all_headers)} | {told}", faults


def lines_of(name: str, answers: dict[str, str]) -> list[str]:
    """The page's lines for a compiler: kinds that say the same are one."""
    groups: dict[str, list[str]] = {}
    for kind, answer in answers.items():
        groups.setdefault(answer, []).append(kind)
    return [f"| {name} | {ALL if tuple(kinds) == KINDS else ', '.join(f'`{kind}`' for kind in kinds)} | {answer} |"
            for answer, kinds in groups.items()]


def on_page(page: str, name: str) -> dict[str, str]:
    """What the page says of each kind."""
    found = {}
    for kinds, answer in re.findall(rf"^\| {re.escape(name)} \| ([^|]*) \| (.*) \|$", page, re.MULTILINE):
        found |= dict.fromkeys(KINDS if kinds == ALL else re.findall("`([^`]*)`", kinds), answer)
    return {kind: found[kind] for kind in KINDS if kind in found}


def main(write: bool, quick: bool) -> int:
    page = PAGE.read_text() if PAGE.exists() else ""
    here = {name: command for name, command in ((name, called(compiler)) for name, compiler in COMPILERS.items()) if is_here(command)}
    kinds = [(name, command, kind) for name, command in here.items() for kind in (QUICK if quick else KINDS)]
    with ThreadPoolExecutor(2) as pool:
        asked = list(pool.map(lambda kind: ask(*kind), kinds))
    said = {name: on_page(page, name) for name in COMPILERS}
    wrong = []
    for (name, _, kind), (answer, faults) in zip(kinds, asked, strict=True):
        wrong += faults
        before = said[name].get(kind, "nothing")
        if not write and answer != before:
            wrong.append(f"{name}, {kind}: the page says {before}, and it is {answer}; write it anew with tests/headers/compilers.py --write")
        said[name][kind] = answer
    if write and not wrong:
        lines = [line for name, answers in said.items() for line in lines_of(name, answers)]
        with tempfile.NamedTemporaryFile("w", dir=PAGE.parent, delete=False) as fresh:
            fresh.write(HEAD + "\n".join(lines) + "\n")
        Path(fresh.name).chmod(0o644)
        Path(fresh.name).replace(PAGE)
    print("\n".join(wrong) or "as the page says")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:], "--quick" in sys.argv[1:]))
