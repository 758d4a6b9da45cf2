"""Markdown that what comes from outside cannot break out of."""

from __future__ import annotations

import re


def text(value: object) -> str:
    """Text from outside, harmless in Markdown: no HTML, no table breaks, no emphasis, no formulas."""
    escaped = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\|`*\[\]$~!])", r"\\\1", " ".join(escaped.split()))


def code(value: object) -> str:
    """A code span that its content cannot leave."""
    return "`" + " ".join(str(value).split()).replace("`", "'").replace("|", "¦") + "`"


def table(head: tuple[str, ...], lines: list[tuple[object, ...]], right: tuple[int, ...] = ()) -> list[str]:
    rule = ["--:" if i in right else "---" for i in range(len(head))]
    return ["| " + " | ".join(head) + " |", "|" + "|".join(rule) + "|",
            *("| " + " | ".join(text(value) for value in line) + " |" for line in lines), ""]
