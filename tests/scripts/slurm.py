"""A Slurm of two nodes on loopback with ports of its own; its daemons end with the block, by their process ids."""

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
from driver import PATIENCE, wait_until

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "srun", "scancel", "scontrol", "sinfo")
NODES = ("n1", "n2")
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
def cluster() -> Iterator[Cluster]:
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
