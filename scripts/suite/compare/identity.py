"""Whether two runs can be compared at all, or are repeats of one another: what must be equal, and what is worth a note."""

from collections.abc import Mapping
from typing import Any

from suite.results.runs import plain

Json = Mapping[str, Any]
MUST = ("cpu", "cpus", "compiler", "flags", "libc", "google_benchmark", "thp", "aslr", "virtualization")
BUILD = ("standard_library", "ndebug", "sanitizers", "google_benchmark_library_build")
SHOULD = (("kernel",), ("governor",), ("processor", "microcode"), ("processor", "turbo"), ("processor", "smt"),
          ("settings", "boot_options"), ("host", "cpu_limit"), ("host", "memory_limit_bytes"), ("clock", "source"))
PROTOCOL = ("epoch_ns",)
NONE = "not recorded"
DIGITS = 12  # of a checksum, as it is shown


def differing(old: Json, new: Json) -> list[str]:
    """`field: old -> new` for all that forbids a comparison."""
    before, after = old["environment"], new["environment"]
    pairs = [(name.replace("_", " "), before.get(name), after.get(name)) for name in MUST]
    pairs.append(("kind of CPU", *(_at(one, ("processor", "kind")) for one in (before, after))))
    pairs += [(f"build {name.replace('_', ' ')}", before["build"].get(name), after["build"].get(name)) for name in BUILD]
    pairs += [(f"variable {name}", before["variables"].get(name, "unset"), after["variables"].get(name, "unset"))
              for name in sorted({*before["variables"], *after["variables"]})]
    pairs += _heaps(old, new) + _hashes(old, new)
    pairs += [(name.replace("_", " "), old["protocol"][name], new["protocol"][name]) for name in PROTOCOL]
    return _lines(pairs)


def not_repeated(first: Json, other: Json) -> list[str]:
    """`field: first -> other` for all that makes the other run no repeat: a repeat has the same program and preset too."""
    programs = [(measured["environment"].get("binary") or {}).get("sha256", "")[:DIGITS] for measured in (first, other)]
    return differing(first, other) + _lines([("program", *programs),
                                             ("preset", first["run"]["preset"], other["run"]["preset"])])


def notes(old: Json, new: Json) -> list[str]:
    """Differences that do not forbid it, and what was meant to differ."""
    pairs = [(" ".join(path), _at(old["environment"], path), _at(new["environment"], path)) for path in SHOULD]
    lines = [f"differs: {line}" for line in _lines([pair for pair in pairs if None not in pair])]
    pools = [measured["environment"].get("pools") for measured in (old, new)]
    if all(pools):
        lines.append("the pools' sources are the same in both" if pools[0] == pools[1] else
                     "the pools' sources differ, as they would")
    if not any(entry.get("hash") for measured in (old, new) for entry in measured["workloads"]):
        lines.append("neither run has hashes of its workloads: that both asked the same is taken on trust")
    return lines


def _lines(pairs: list[tuple[str, Any, Any]]) -> list[str]:
    return [f"{plain(name, 60)}: {_shown(before)} -> {_shown(after)}" for name, before, after in pairs if before != after]


def _shown(value: Any) -> str:
    return NONE if value is None or value == "" else plain(value, 80)


def _at(source: Json, path: tuple[str, ...]) -> Any:
    for key in path:
        source = source.get(key) if isinstance(source, Mapping) else None
    return source


def _measured(measured: Json, key: str) -> set[str]:
    return {cell[key] for cell in measured["cells"] if cell["ns_per_op"]}


def _heaps(old: Json, new: Json) -> list[tuple[str, Any, Any]]:
    """The versions of the heaps that both measured."""
    both = _measured(old, "allocator") & _measured(new, "allocator")
    versions = [{entry["name"]: entry["version"] for entry in measured["allocators"]} for measured in (old, new)]
    return [(f"heap {name}", versions[0].get(name), versions[1].get(name)) for name in sorted(both)]


def _hashes(old: Json, new: Json) -> list[tuple[str, Any, Any]]:
    both = _measured(old, "workload") & _measured(new, "workload")
    hashes = [{entry["name"]: entry.get("hash") for entry in measured["workloads"]} for measured in (old, new)]
    return [(f"workload {name}", hashes[0].get(name), hashes[1].get(name)) for name in sorted(both)]


def machine_class(measured: Json, heaps: Mapping[str, str]) -> dict[str, str]:
    """What machines must share to be of one kind: all that forbids a comparison, the kernel, the settings that change verdicts, and
    the heaps as a node has them."""
    facts = measured["environment"]
    pairs = [(name.replace("_", " "), facts.get(name)) for name in (*MUST, "kernel", "governor")]
    pairs += [(" ".join(path), _at(facts, path)) for path in (("processor", "kind"), *SHOULD[3:5], SHOULD[6])]
    pairs += [(f"build {name.replace('_', ' ')}", facts["build"].get(name)) for name in BUILD]
    pairs += [(f"variable {name}", value) for name, value in facts["variables"].items()]
    return {name: _shown(value) for name, value in pairs} | {f"heap {name}": value for name, value in heaps.items()}
