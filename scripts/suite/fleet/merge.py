"""Shares by machine class: what belongs to a campaign, which machines are of one kind, the results of each class.

    shares/0000 ─┐                     ┌─► classes/A: a run's folder
    shares/0001 ─┼─► by class ─► merge ┤
    shares/0002 ─┘                     └─► classes/B. Between two classes nothing is averaged

A class whose plan was divided holds each group as its node measured it. One whose plan was replicated holds the processes of
all its nodes while these are few, a node counting as a pass does; from six nodes on one row a node, and the interval is over
nodes. Witnesses are multiples of the best level of their own node: a slower node is not taken for a shared one.
"""

import gzip
import hashlib
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite import report
from suite.analysis import ceilings, regimes, run_quality
from suite.analysis.cell import LARGEST, SMALLEST
from suite.analysis.statistics import FEWEST_NODES
from suite.base.errors import UserError, writing
from suite.base.folder import write_whole
from suite.fleet.shares import CAMPAIGN, REGIMES, REPLICATE, SHARES, SPLIT, SUMMARY, Plan, read
from suite.measure import journal
from suite.measure.journal import RESULTS, ROUNDS, Outcome, Record
from suite.plan.cells import Group
from suite.plan.presets import PRESETS
from suite.results import assemble, results_file, runs
from suite.verify import rebuild

CLASSES, COLLECTED = "classes", "collected.json"
ELSEWHERE, FAR = 2.0, 4.0  # witnesses of a core that was shared and of a busy memory, as multiples of their best levels: beyond quiet
LEVELS = {"core": 1.0, "dram": 1.0}
OF_HEAP = ("name", "library", "version", "served_malloc_by")
UNLIKE = "nodes of one class read back different values"
PER_SHARE = 1000  # passes and processes of one share are told from those of the next
SPACE = "free some space and collect again; the shares are as they were"
Json = dict[str, Any]


@dataclass(frozen=True)
class Share:
    """A share that is whole and belongs."""

    number: int
    folder: Path
    told: Json

    @property
    def node(self) -> str:
        return self.told["node"]

    @property
    def simulated(self) -> bool:
        return self.told["simulated"] is True

    def results(self) -> Json:
        """Its hash was compared, so it is as its node wrote it."""
        return json.loads((self.folder / RESULTS).read_text(encoding="utf-8"))


def gather(path: Path, plan: Plan) -> tuple[list[Share], list[str]]:
    """The shares that are whole, and a line for each folder that is not merged, with the way out."""
    accepted, refused = [], []
    for place in sorted((path / SHARES).iterdir()):
        try:
            accepted.append(_accept(path, place, plan))
        except UserError as failure:
            refused.append(str(failure))
    return accepted, refused


def _accept(path: Path, place: Path, plan: Plan) -> Share:
    if not place.name.isdigit() or int(place.name) not in range(len(plan.shares)):
        raise UserError(f"{place} is no share of this campaign; move it out of {path / SHARES}")
    again = f"move it away and run it again: scripts/poolmark fleet share {path} {int(place.name)}"
    try:
        told = json.loads((place / SUMMARY).read_text(encoding="utf-8"))
        own, files = (told["campaign"], told["share"]), told["files"]
        if not (_is_shaped(told) and told["simulated"] is plan.made_up and files.keys() == (set() if plan.made_up else {RESULTS, ROUNDS})):
            raise ValueError(place)
    except FileNotFoundError:
        raise UserError(f"{place} holds no {SUMMARY}, so nobody knows whether it is whole; {again}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(f"{place / SUMMARY} was cut short or changed; {again}") from None
    if own != (plan.run.id, int(place.name)):
        raise UserError(f"{place} is share {own[1]} of campaign {runs.plain(own[0], 60)}, not of this one; move it there")
    if (told["version"], told["program"]) != (plan.version, plan.run.binary_sha256):
        raise UserError(f"{place} was measured by another version of the program or of the suite; {again}")
    for name, digest in files.items():
        if journal.sha256(place / name) != digest:
            raise UserError(f"{place / name} was cut short or changed since the share was done; {again}")
    if told["quality"] == "INVALID" and not PRESETS[plan.run.preset].smoke:
        raise UserError(f"{place} is INVALID, its own checks failed ({runs.plain('; '.join(told['reasons']), 200)}); {again}")
    return Share(int(place.name), place, told)


def _is_shaped(told: Json) -> bool:
    """Whether a summary has all that is read of it, each of its type."""
    texts = [told[key] for key in ("campaign", "version", "program", "quality", "node")] + told["reasons"] + [
        text for key in ("class", "files", "missing", "digests") for text in told[key].values()]
    numbers = [told["share"], told["seconds"], *(value for one in told["cells"].values() for value in one)]
    return (all(isinstance(text, str) for text in texts) and re.fullmatch("[0-9a-f]+", told["node"]) is not None
            and all(type(value) in (int, float) and 0 <= value <= LARGEST for value in numbers)
            and all(len(one) == 4 and min(one[:2]) >= SMALLEST and isinstance(one[2], int) and one[2] < len(REGIMES)
                    for one in told["cells"].values()))


def name_of(facts: Json) -> str:
    """A class as a folder: its CPU, and a hash of all that makes the class. Two campaigns on one kind of machine agree in it."""
    cpu = re.sub(r"[^a-z0-9]+", "-", str(facts.get("cpu", "")).lower()).strip("-")[:40]
    return f"{cpu}-{hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:6]}"


def by_class(shares: Sequence[Share]) -> dict[str, list[Share]]:
    """The shares of each class, the class with most nodes first."""
    found: dict[str, list[Share]] = {}
    for share in shares:
        found.setdefault(name_of(share.told["class"]), []).append(share)
    return dict(sorted(found.items(), key=lambda each: (-len(nodes(each[1])), each[0])))


def nodes(shares: Sequence[Share]) -> list[str]:
    return sorted({share.node for share in shares})


def parted(plan: Plan, classes: Mapping[str, Any] | Sequence[Any]) -> bool:
    """Whether a plan was divided over machines of several kinds, of which each has a part of it only."""
    return plan.mode == SPLIT and len(classes) > 1


def results(plan: Plan, members: Sequence[Share], there: int) -> tuple[Json, list[Outcome]]:
    """The results of a class, and the rounds that they are made of; `there` are so many shares in all classes."""
    complete = len(plan.shares) == (len(members) if plan.mode == SPLIT else there)
    first, preset = members[0].results(), PRESETS[plan.run.preset]
    per_node = plan.mode == REPLICATE and len(nodes(members)) >= FEWEST_NODES
    every = [first] if plan.mode == REPLICATE else [share.results() for share in members]
    planned = list({group.name: group for measured in every for group in rebuild.groups(measured)}.values())
    outcomes = [_over_nodes(group, members, first) for group in planned] if per_node else _together(plan, members)
    run = first["run"] | {"id": f"{plan.run.id}-{name_of(members[0].told['class'])}", "seed": plan.run.seed, "complete": complete,
                          "command": f"scripts/poolmark fleet collect, {len(members)} shares", "seconds": round(sum(
                              share.told["seconds"] for share in members), 1)}
    if members[0].simulated:
        run["command"] = "scripts/poolmark validate nodes: made up by the simulator, nothing was measured"
    environment = {key: value for key, value in first["environment"].items() if key != "during"} | {"load_before": None}
    told = {"reference": {"levels": LEVELS, "cpu": environment["cpu"], "made": run["started"][:10]}, "moves": 0,
            "notes": ["witnesses are multiples of the best level of their own node"]}
    found = assemble.results(rebuild.description(first), planned, outcomes, preset, run, environment,
                             first["protocol"]["cell_seconds"], told, ceilings.processes_behind(first.get("ceilings", ())))
    return found, outcomes


def _together(plan: Plan, members: Sequence[Share]) -> list[Outcome]:
    """The rounds of all shares; of a divided plan each group counts once, the controls that every share has included."""
    found: dict[str, Outcome] = {}
    for place, share in enumerate(members):
        measured = share.results()
        own = rebuild.read(share.folder, measured["run"]["commit"])
        known = {group.name: group for group in rebuild.groups(measured)}
        best = run_quality.conditions([(known[one.group], one) for one in own], (
            measured.get("witness", {}).get("reference") or {}).get("levels")).best
        for outcome in own:
            for record in outcome.records.values():
                record.samples = [_labelled(sample, best, share.node, place) for sample in record.samples]
            if outcome.group not in found:
                found[outcome.group] = outcome
            elif plan.mode == REPLICATE:
                _add(found[outcome.group], outcome)
    return list(found.values())


def _labelled(sample: Json, best: regimes.Levels, node: str, place: int) -> Json:
    """A process of a node, its witness as a multiple of the best level there."""
    kinds = regimes.of_rounds(sample, best)
    if best.never & set(sample.get("witness") or ()):  # a memory that was never quiet sorts nothing there, and something here
        kinds = [regimes.BUSY if kind == regimes.QUIET else kind for kind in kinds]
    plain = {key: value for key, value in sample.items() if key not in ("at", "witness")}
    return plain | _witness(kinds) | {"node": node, "process": PER_SHARE * place + sample["process"],
                              "pass": PER_SHARE * place + sample.get("pass", 0)}


def _witness(kinds: Sequence[str]) -> Json:
    """Readings by which rounds are sorted as they were on their own node."""
    core = [ELSEWHERE if kind == regimes.SHARED else 1.0 for kind in kinds]
    return {} if regimes.UNKNOWN in kinds else {
        "witness": {"core": core, "chain": [1.0] * len(core), "dram": [FAR if regimes.BUSY in kinds else 1.0]}}


def _add(whole: Outcome, more: Outcome) -> None:
    """The same group from another share; one that failed there has failed."""
    whole.seconds += more.seconds
    for name, record in more.records.items():
        own = whole.records[name]
        if record.failed and not own.failed:
            own.fail(record.reason, record.notes)
        elif not own.failed and record.digest != own.digest:
            own.fail(UNLIKE)
        elif not own.failed:
            own.samples += record.samples
            own.looks = max(own.looks, record.looks)
            for key in ("memory", "latency", "peak_rss_bytes"):
                getattr(own, key).extend(getattr(record, key))


def _over_nodes(group: Group, members: Sequence[Share], first: Json) -> Outcome:
    """A group with one row a node: what each node's own run says of a cell, where that may be cited there."""
    shown = {entry["id"]: entry for entry in first["cells"]}
    heaps = {entry["name"]: {key: entry[key] for key in OF_HEAP} for entry in first["allocators"]}
    records = {}
    for cell in group.contenders:
        ids = (cell.id, group.baseline.id)
        record = Record(looks=1, passes=1, digest=shown[ids[0]]["digest"], allocator=heaps[cell.heap.name],
                        operations_per_iteration=shown[ids[0]]["operations_per_iteration"])
        reasons = Counter()
        for place, share in enumerate(members):
            own, base = map(share.told["cells"].get, ids)
            if own and base:
                record.samples.append(_row(place, share.node, own, base[1], cell is group.baseline))
            else:
                reasons[share.told["missing"].get(ids[0]) or "its baseline has no time"] += 1
        failed = [reason for reason in reasons if reason.startswith("FAILED")]
        if failed:  # on one node is failed, as with a few nodes
            record.fail(failed[0].partition(": ")[2] or failed[0])
        elif len({share.told["digests"][ids[0]] for share in members if ids[0] in share.told["digests"]}) > 1:
            record.fail(UNLIKE)
        for reason, _ in reasons.most_common(1):
            record.notes.append(f"left out on {sum(reasons.values())} of {len(members)} nodes, mostly: {reason}")
        records[ids[0]] = record
    return Outcome(group.name, records, rounds=1, looks=1, passes=1)


def _row(place: int, node: str, own: Sequence[float], base: float, is_baseline: bool) -> Json:
    ratio, _, regime, _ = own
    return {"process": place, "layout": {"heap_offset": 0, "environment_padding": 0, "build": 0}, "node": node, "rejected": [],
            "ns_per_op": [base if is_baseline else ratio * base], "baseline_ns_per_op": [] if is_baseline else [base],
            "minor_faults": 0, "operations": 0} | _witness([REGIMES[regime]])


def write(path: Path, plan: Plan, accepted: Sequence[Share], refused: Sequence[str]) -> dict[str, Json]:
    """The folders of all classes, in place of those of before once all are made; the results of each."""
    found = {}
    with writing(path / CLASSES, SPACE):
        fresh = Path(tempfile.mkdtemp(prefix=".classes-", dir=path))
        try:
            for name, members in by_class(accepted).items():
                found[name], outcomes = results(plan, members, len(accepted))
                (fresh / name).mkdir()
                results_file.write(found[name], fresh / name)
                text = "".join(json.dumps(outcome.to_json(), allow_nan=False) + "\n" for outcome in outcomes)
                (fresh / name / ROUNDS).write_bytes(gzip.compress(text.encode(), 3, mtime=0))
                report.build(found[name], fresh / name, png=False)
            told = {"shares": [share.number for share in accepted], "refused": list(refused)}
            write_whole(fresh / COLLECTED, json.dumps(told) + "\n")
            fresh.chmod(0o755)
            shutil.rmtree(path / CLASSES, ignore_errors=True)
            fresh.rename(path / CLASSES)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return found


def collected(path: Path) -> tuple[Plan, list[Share], list[str], dict[str, Json]]:
    """What was collected: the plan, the shares that counted, what was refused, and the results of each class."""
    plan = read(path)
    try:
        told = json.loads((path / CLASSES / COLLECTED).read_text(encoding="utf-8"))
        counted, refused = set(told["shares"]), list(told["refused"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"nothing of {path} has been collected; do it with: scripts/poolmark fleet collect {path}") from None
    accepted, wrong = gather(path, plan)
    members = [share for share in accepted if share.number in counted]
    if len(members) < len(counted):
        raise UserError(f"a share that was collected is no longer as it was: {(wrong or ['it is gone'])[0]}")
    return plan, members, refused, {name: runs.load(path / CLASSES / name) for name in by_class(members)}


def folders(path: Path) -> dict[str, Path]:
    """The folder of each class of a campaign; a run stands for itself."""
    return {name: path / CLASSES / name for name in collected(path)[3]} if (path / CAMPAIGN).is_file() else {"": path}
