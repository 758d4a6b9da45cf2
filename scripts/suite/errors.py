"""The one error that a reader is meant to see: one line that names the mend, and exit code 2."""


class UserError(Exception):
    """Bad use or bad input. The message says what is wrong and how to mend it, in one line."""

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.args).replace("\n", " ").strip()


class Interrupted(BaseException):
    """SIGINT or SIGTERM. Not an Exception, so that no handler of failures takes it for one."""
