"""The places of a page that a command fills: between a mark that names the command and the mark that ends it."""

from pathlib import Path

from suite.base.errors import UserError

END = "<!-- end of what is generated -->"


def mark(what: str) -> str:
    """The line with which a place begins."""
    return f"<!-- generated: scripts/poolmark {what} -->"


TABLE, ALOUD, REPLICATE = mark("splice"), mark("splice, one row in words"), mark("replicate, over the runs in reports/runs")


def spliced(page: str, begin: str, text: str, path: Path) -> str:
    """The page with the text in one of its places."""
    before, begun, rest = page.partition(begin)
    _, ended, after = rest.partition(END)
    if not begun or not ended or begin in rest or "<!-- generated" in rest[:rest.index(END)]:
        raise UserError(f"{path} lacks its marks; put {begin} and {END} around what is to be generated")
    return f"{before}{begin}\n{text}{END}{after}"
