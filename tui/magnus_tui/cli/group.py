"""The group of commands, which imports a command's module only when that command is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from magnus_tracking.errors import ConfigurationError, MagnusTrackingError, QueryError
from magnus_tracking.filesystem.shown_paths import expanded
from magnus_tracking.stores.remote import is_archive_name
from magnus_tui.cli import COMMANDS, candidates
from magnus_tui.cli.explore import explore
from magnus_tui.cli.output import catalog_option, named_catalogs
from magnus_tui.format.text import clean

DONE, NOT_THERE, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
_EXPLORE = "explore"


class CommandGroup(click.Group):
    """Commands by name; a first argument that is none of them is the store to explore."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names that the help lists, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, its module imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names, or else the explorer with that argument as its store."""
        if args[0] not in COMMANDS:
            if not ctx.resilient_parsing:
                _check_store(ctx, args)
            return _EXPLORE, _explore, args
        name, command, rest = super().resolve_command(ctx, args)
        if ctx.resilient_parsing and command is not None and rest and _awaits_value(command, rest[-1]):
            # Completing its value: click's parser would forget all arguments with the option.
            rest = rest[:-1]
        return name, command, rest if command is None else _with_store(command, rest)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The commands of this beginning, without importing any; and a store."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        found = [CompletionItem(name, help=said) for name, (_, said) in COMMANDS.items() if name.startswith(incomplete)]
        return [*candidates.paths(ctx, self.params[0], incomplete), *found]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    options_metavar="[STORE…] |",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@catalog_option
@click.option("--debug", is_flag=True, help="Log what is read, decided and timed to debug.log in the cache folder.")
@click.version_option(package_name="magnus-tui", message="magnus-tui %(version)s")
@click.pass_context
def commands(context: click.Context, debug: bool) -> None:
    """Explore the runs that magnus and runnable left behind.

    `magnus-tui [STORE…]` opens the explorer; STORE is a store, the folder that holds one, the address of a bucket or an
    archive (default: .run_log_store). Several are shown together. A folder that is called like a command is opened as
    ./NAME.
    """
    if debug:
        from magnus_tracking.process.debug_log import start_debug_log

        start_debug_log()
    if context.invoked_subcommand is None:
        context.exit(explore((), named_catalogs()))


@click.command(_EXPLORE, options_metavar="")
@click.argument("stores", nargs=-1, shell_complete=candidates.paths)
@catalog_option
@click.pass_context
def _explore(context: click.Context, stores: tuple[str, ...]) -> None:
    """Open the explorer on STORES, each a store, the folder that holds one, an address or an archive."""
    context.exit(explore(stores, named_catalogs()))


def _with_store(command: click.Command, words: list[str]) -> list[str]:
    """Take the first argument of a command for its store, where it can't be anything else.

    No run has a slash in its name; a command without arguments has no use for another one.
    """
    if not any(one.name == "store" and isinstance(one, click.Option) for one in command.params):
        return words
    for place, word in enumerate(words):
        if word == "--":
            break
        if word.startswith("-") or (place and _awaits_value(command, words[place - 1])):
            continue
        has_arguments = any(isinstance(one, click.Argument) for one in command.params)
        if not has_arguments or "/" in word or word in (".", "..") or is_archive_name(word):
            return [*words[:place], "--store", *words[place:]]
        break
    return words


def _awaits_value(command: click.Command, word: str) -> bool:
    options = (one for one in command.params if isinstance(one, click.Option) and word in one.opts)
    return any(not one.is_flag for one in options)


def _check_store(context: click.Context, arguments: Sequence[str]) -> None:
    """Refuse a first argument that was probably meant for a command: the explorer says itself where no store is."""
    name = arguments[0]
    if os.path.lexists(expanded(name)) or "://" in name:
        return
    import difflib

    similar = difflib.get_close_matches(name, COMMANDS, n=2, cutoff=0.7)
    if similar or len(arguments) > 1:
        meant = f": did you mean {' or '.join(similar)}?" if similar else ""
        raise click.UsageError(f"there is no command and no store {name!r}{meant}", context)


def run_command(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` name and return the exit status; errors are one line on standard error."""
    try:
        status = commands.main(list(arguments), prog_name="magnus-tui", standalone_mode=False)
    except click.UsageError as error:
        return _refuse(error)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except click.Abort:
        return INTERRUPTED
    except QueryError as error:
        return _point_at(error)
    except ConfigurationError as error:
        return _complain(str(error), WRONG_USAGE)
    except MagnusTrackingError as error:
        return _complain(str(error), NOT_THERE)
    return status if isinstance(status, int) else DONE


def _complain(message: str, status: int) -> int:
    print(f"magnus-tui: {clean(message)}", file=sys.stderr)
    return status


def _refuse(error: click.UsageError) -> int:
    help_line = f" (see `{error.ctx.command_path} --help`)" if error.ctx else ""
    return _complain(error.format_message() + help_line, WRONG_USAGE)


def _point_at(error: QueryError) -> int:
    """Show the query with a caret below the character at fault."""
    from magnus_tui.format.query_excerpt import excerpt

    _complain(str(error), WRONG_USAGE)
    if error.text:
        line, place = excerpt(error)
        print(f"  {line}\n  {' ' * place}^", file=sys.stderr)
    return WRONG_USAGE
