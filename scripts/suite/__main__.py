"""Entry point of `scripts/poolmark`: hands the command line to the parser and its exit code to the shell."""

import sys

from suite.cli import main

sys.exit(main(sys.argv[1:]))
