"""``magnus-tui completion``: the lines that make a shell complete our commands."""

from __future__ import annotations

import os
import re
import shlex

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from magnus_tui.cli.output import write_text

_OF_CLICK: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}

_BASH = """\
%(complete_func)s() {
    local line
    while IFS= read -r line; do
        case $line in
            file,*) compopt -o default ;;
            *) COMPREPLY+=("${line#*,}") ;;
        esac
    done < <(env COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" COMP_BREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:=.,] ]]; then compopt -o nospace; fi
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class LineComplete(BashComplete):
    """Completion in bash that splits the line itself: bash takes words apart at colons, which queries have."""

    source_template = _BASH

    def source(self) -> str:
        """The script; unlike click's, made without running bash."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is typed, and that one without its quotes."""
        line = os.environ["COMP_LINE"].encode()[: int(os.environ["COMP_POINT"])].decode("utf-8", "ignore")
        words, self._typed = _split(line)
        return words[1:], _unquoted(self._typed)

    def format_completion(self, item: CompletionItem[str]) -> str:
        """A candidate as bash puts it in place of what it takes for the last word."""
        if item.type != "plain":
            return f"{item.type},"
        option = re.match(r"--[\w-]+=", self._typed)
        typed = self._typed[option.end() :] if option else self._typed
        if typed[:1] in ("'", '"'):
            return f"plain,{item.value}"
        # An apostrophe would be doubled by `shlex.quote`, and bash would not take what was typed for its beginning.
        quoted = re.sub(r"([^\w@%+=:,./~-])", r"\\\1", item.value)
        breaks = os.environ.get("COMP_BREAKS", "")
        cut = max((place for place, character in enumerate(typed) if character in breaks), default=-1) + 1
        return f"plain,{quoted[cut:]}"


def _split(line: str) -> tuple[list[str], str]:
    """The finished words of a line, without quotes, and the word being typed, as it stands."""
    typed = re.search(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')*(?:"(?:[^"\\]|\\.)*|'[^']*|\\)?\Z""", line)
    last = typed[0] if typed else ""
    return shlex.split(line[: len(line) - len(last)]), last


def _unquoted(typed: str) -> str:
    for ending in ("", "'", '"'):
        try:
            return "".join(shlex.split(typed + ending))
        except ValueError:
            continue
    return typed


add_completion_class(LineComplete)


@click.command("completion")
@click.argument("shell", type=click.Choice(list(_OF_CLICK)))
def command(shell: str) -> None:
    """Print what makes SHELL complete commands, options, runs, steps, metrics and queries.

    In ~/.bashrc or ~/.zshrc: `eval "$(magnus-tui completion bash)"` (or zsh); in fish's config.fish:
    `magnus-tui completion fish | source`.
    """
    for name, ours in (("magnus-tui", LineComplete if shell == "bash" else None), ("magnus-track", None)):
        shells = ours or _OF_CLICK[shell]
        variable = f"_{name.replace('-', '_')}_COMPLETE".upper()
        write_text(shells(command, {}, name, variable).source())
