"""Campaigns through a real Slurm: two nodes on loopback with ports of their own. The daemons end with a test, by their process ids."""

import json
import os
import platform
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from driver import PATIENCE, ROOT, campaign, wait_until
from suite import cli
from suite.fleet import merge, shares
from suite.fleet import slurm as scheduler
from suite.results import results_file
from test_fleet import bench, fleet  # noqa: F401  (a fixture)

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "srun", "scancel", "scontrol", "sinfo")
NODES = ("n1", "n2")
STUB = """import os
if os.environ.get("SLURMD_NODENAME") == os.environ.get("POOLMARK_TEST_OTHER"):
    from suite.machine import hardware
    hardware.model = lambda source: "A stub of another CPU"
"""
CONF = """ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/sock
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/d-%n.pid
SlurmctldLogFile={folder}/log/ctld
SlurmdLogFile={folder}/log/d-%n
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SchedulerType=sched/builtin
SelectType=select/linear
ReturnToService=2
MpiDefault=none
KillWait=2
SlurmdTimeout=10
NodeName=n1 NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 State=UNKNOWN
NodeName=n2 NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def needed() -> None:
    """Skips with the reason where it cannot run."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: apt install slurmctld slurmd slurm-client munge")
    if os.geteuid():
        pytest.skip("the daemons of Slurm run as root here")


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Cluster:
    """Its daemons by name, and what a test does to them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.daemons = folder, {}
        self.variables = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}

    def start(self, name: str, *command: str) -> None:
        with (self.folder / "log" / f"{name}.out").open("a") as log:
            self.daemons[name] = subprocess.Popen(command, env=self.variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def node(self, name: str) -> None:
        self.start(name, "slurmd", "-D", "-N", name)

    def kill(self, name: str) -> None:
        """As a node dies: the daemon and all that it runs, without a word."""
        for pid in [*steps(self.daemons[name].pid), self.daemons[name].pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.daemons.pop(name).wait()

    def ask(self, *command: str) -> str:
        return subprocess.run(command, env=self.variables, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout

    def end(self) -> None:
        for name in [name for name in ("slurmctld", *NODES, "munged") if name in self.daemons]:
            if name in NODES:
                self.kill(name)
                continue
            self.daemons[name].terminate()
            self.daemons[name].wait(PATIENCE)


def steps(parent: int) -> list[int]:
    """All processes below one."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found, waiting = [], [parent]
    while waiting:
        below = [pid for pid, above in pairs if above == waiting[0]]
        found, waiting = found + below, waiting[1:] + below
    return found


@contextmanager
def running() -> Iterator[Cluster]:
    """Up, both nodes idle."""
    needed()
    folder = Path(tempfile.mkdtemp(prefix="poolmark-slurm-"))
    for name in ("munge", "state", "log"):
        (folder / name).mkdir(mode=0o755)
    (folder / "slurm.conf").write_text(CONF.format(host=platform.node(), ports=free_ports(3), folder=folder))
    (folder / "munge/key").write_bytes(os.urandom(1024))
    (folder / "munge/key").chmod(0o600)
    one = Cluster(folder)
    try:
        folder.chmod(0o755)
        one.start("munged", "munged", "--foreground", "--force", *(f"--{key}={folder}/munge/{name}" for key, name in (
            ("key-file", "key"), ("socket", "sock"), ("pid-file", "pid"), ("log-file", "log"), ("seed-file", "seed"))))
        wait_until((folder / "munge/sock").exists)
        one.start("slurmctld", "slurmctld", "-D")
        for name in NODES:
            one.node(name)
        wait_until(lambda: one.ask("sinfo", "-h", "-o", "%T %D").split() == ["idle", "2"])
        yield one
    finally:
        one.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(monkeypatch):
    """A Slurm that the command finds."""
    with running() as one:
        monkeypatch.setenv("SLURM_CONF", one.variables["SLURM_CONF"])
        yield one


def states(capsys, path):
    return fleet(capsys, "status", path)[1]


def whole(path):
    return sum(shares.whole(path, number) for number in range(len(shares.read(path).shares)))


def test_slurm_runs_the_shares_though_a_node_dies_and_the_operator_cancels(bench, cluster, tmp_path, monkeypatch, capsys):
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub/sitecustomize.py").write_text(STUB)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "stub"))
    path = tmp_path / "c"
    words = ["--preset", "smoke", "--out", path, "--seed", 7] + [word for name in ("good", "bad", "lost", "tiers") for word in ("--workload", name)]
    code, _, err = fleet(capsys, "submit", *words, "--shares", 8, "--partition", "nowhere")
    assert code == 2 and "there is no partition 'nowhere'; there are: all" in err and not path.exists()
    code, said, err = fleet(capsys, "submit", *words, "--shares", 8, "--nodes", 2)
    assert code == 0 and said.startswith("job "), err
    assert fleet(capsys, "submit", "--resume", "--out", path)[0] == 2
    wait_until(lambda: list((path / "work").glob("*/partial.jsonl")))
    cluster.kill("n2")
    cluster.ask("scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=test")
    wait_until(lambda: "Restarts=1" in cluster.ask("scontrol", "show", "job", "-o"))
    wait_until(lambda: whole(path) > 1)
    cluster.ask("scancel", *shares.read(path).jobs)
    wait_until(lambda: not cluster.ask("squeue", "-h", "-t", "pending,running,completing"))
    left = states(capsys, path)
    assert f"go on with: scripts/poolmark fleet submit --resume --out {path}" in left and " whole" in left.splitlines()[0]
    code, said, err = fleet(capsys, "collect", path)  # before the end
    assert code == 0 and "not there yet" in said, err
    cluster.node("n2")
    cluster.ask("scontrol", "update", "NodeName=n2", "State=RESUME")
    assert fleet(capsys, "submit", "--resume", "--out", path)[0] == 0
    wait_until(lambda: whole(path) == 8)
    assert fleet(capsys, "collect", path)[0] == 0
    (tmp_path / "run").mkdir()
    single = campaign(tmp_path / "run", workloads=("good", "bad", "lost", "tiers")).run(ROOT).results
    (folder,) = merge.folders(path).values()
    merged = results_file.load(folder / "results.json")
    assert sorted(cell["id"] for cell in merged["cells"]) == sorted(cell["id"] for cell in single["cells"])
    assert {row["node"] for cell in merged["cells"] for row in cell["samples"]} == {shares.node(shares.read(path)) for name in ("n1", "n2")
            if not monkeypatch.setenv("SLURMD_NODENAME", name)}
    assert cli.main(["verify", str(path)]) == 0


def test_slurm_tells_two_kinds_of_nodes_apart_and_a_clock_that_is_wrong_changes_nothing(bench, cluster, tmp_path, monkeypatch, capsys):
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub/sitecustomize.py").write_text(STUB + "    import time\n    now = time.time\n    time.time = lambda: now() + 3600\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "stub"))
    monkeypatch.setenv("POOLMARK_TEST_OTHER", "n2")
    path = tmp_path / "c"
    assert fleet(capsys, "submit", "--preset", "smoke", "--workload", "good", "--shares", 2, "--nodes", 2, "--out", path)[0] == 0
    wait_until(lambda: whole(path) == 2)
    assert fleet(capsys, "collect", path)[0] == 0
    found = merge.folders(path)
    assert len(found) == 2 and sum(name.startswith("a-stub-of-another-cpu") for name in found) == 1
    started = {json.loads((path / f"shares/{number:04d}/results.json").read_text())["run"]["started"] for number in (0, 1)}
    assert started == {shares.read(path).run.started}


def test_a_folder_that_nodes_do_not_see_is_refused_before_anything_runs(bench, cluster, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scheduler, "CAMPAIGN", "not-there.json")  # what a node finds below a mount point of its own
    path = tmp_path / "c"
    code, _, err = fleet(capsys, "submit", "--preset", "smoke", "--workload", "good", "--shares", 2, "--nodes", 2, "--out", path)
    assert code == 2 and f"not all of 2 nodes see {path}; choose one that all nodes mount" in err
    assert shares.read(path).jobs == () and not cluster.ask("squeue", "-h", "-t", "pending,running")
