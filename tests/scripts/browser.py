"""A headless Chromium for tests of pages: as much of its DevTools protocol as they ask for, over one websocket."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from driver import PATIENCE

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
         "--disable-background-networking", "--disable-dev-shm-usage", "--remote-debugging-port=0")


def needed() -> tuple[str, Any]:
    """The program and the websocket module, or a skip that says what to install."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium: apt install chromium")
    return program, pytest.importorskip("websocket", reason="no websocket module: apt install python3-websocket")


class Tab:
    """One page: commands out, events collected."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.count, self.events = socket, 0, []
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Performance"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.count:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def open(self, page: Path, fragment: str = "") -> None:
        """Loads a file and waits until it is all there."""
        for address in ("about:blank", page.as_uri() + fragment):
            self.events.clear()
            self("Page.navigate", url=address)
            end = time.monotonic() + PATIENCE
            while not any(event["method"] == "Page.loadEventFired" for event in self.events):
                assert time.monotonic() < end, "the page did not load"
                self.events.append(json.loads(self.socket.recv()))

    def value(self, expression: str) -> Any:
        """What an expression is worth in the page."""
        found = self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def size(self, width: int, height: int, phone: bool = False) -> None:
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def complaints(self) -> list[str]:
        """Errors of the console and exceptions."""
        return [json.dumps(event["params"])[:400] for event in self.events
                if event["method"] == "Runtime.exceptionThrown"
                or event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] in ("error", "warning")
                or event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] in ("error", "warning")]

    def requests(self) -> list[str]:
        """Every address that was asked for."""
        return [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]


@contextmanager
def tab() -> Iterator[Tab]:
    """A fresh browser with one tab; both end with the block."""
    program, websocket = needed()
    profile = Path(tempfile.mkdtemp(prefix="poolmark-browser-"))
    process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = _port(profile / "DevToolsActivePort", process)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=PATIENCE) as answer:
            address = next(one["webSocketDebuggerUrl"] for one in json.load(answer) if one["type"] == "page")
        socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        yield Tab(socket)
        socket.close()
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(profile, ignore_errors=True)


def _port(told: Path, process: subprocess.Popen) -> int:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if told.exists() and told.read_text().strip():
            return int(told.read_text().split()[0])
        time.sleep(0.05)
    pytest.skip("Chromium does not start here")
