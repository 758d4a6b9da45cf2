"""Entry point of `scripts/poolmark`: hands the command line to the parser and its exit code to the shell."""

import sys

try:
    from suite.cli import main
    code = main(sys.argv[1:])
except KeyboardInterrupt:  # while modules are still read
    print("poolmark: interrupted", file=sys.stderr)
    code = 130
sys.exit(code)
