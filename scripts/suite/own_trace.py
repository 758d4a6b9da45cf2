"""`run --trace FILE`: a trace of the reader's own, for the workloads about caches.

The file is named in the environment, so that every process of the binary finds it, the one that describes itself first.
The binary reads it and refuses what is none, by file and line.
"""

import os
from pathlib import Path

from suite.errors import UserError

VARIABLE = "POOLMARK_TRACE"


def bring(path: str) -> str:
    """Names the file to all processes that are started from now on; none where there is no path."""
    if not path:
        os.environ.pop(VARIABLE, None)  # what is not recorded in the plan must not decide what is measured
        return ""
    if not Path(path).is_file():
        raise UserError(f"--trace: there is no file '{path}'; give one with a key a line, its size after a blank if you like")
    os.environ[VARIABLE] = str(Path(path).resolve())
    return os.environ[VARIABLE]
