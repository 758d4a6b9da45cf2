"""What a shared file must not tell: whose home a path lies in, and what the machine is called.

The rule knows nothing of the machine it runs on, apart from the host's name, so that a file can be cleaned again on
another one and come out the same.
"""

import platform
import re
from typing import Any

HOMES = re.compile(r"(?<![\w.~-])(?:/var)?(?:/home|/Users)/[^/\s\"':;,=<>|]+|(?<![\w.~/-])/root(?=[/\s\"':;,]|$)")
TOO_COMMON = ("localhost", "host", "vm", "debian", "ubuntu", "linux", "build", "bench", "docker")


def clean(value: Any, host: str = platform.node()) -> Any:
    """The same value, each text in it with homes as ~ and the host's name as HOST."""
    if isinstance(value, str):
        text = HOMES.sub("~", value)
        if len(host) > 3 and host.lower() not in TOO_COMMON and host in text:
            text = re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", "HOST", text)
        return text
    if isinstance(value, dict):
        return {key: clean(entry, host) for key, entry in value.items()}
    return [clean(entry, host) for entry in value] if isinstance(value, (list, tuple)) else value
