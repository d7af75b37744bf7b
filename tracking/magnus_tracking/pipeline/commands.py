"""Running a command as a child process: its output as it comes, and what it exported when it ended."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from magnus_tracking.errors import CommandFailedError, os_reason
from magnus_tracking.filesystem.regular_files import read_bytes
from magnus_tracking.process.standard_streams import OutputError

_BLOCK = 64 * 1024
_LAST_OUTPUT = 2.0
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})

Output = Callable[[str, bytes], None]
"""Takes the name of a stream (``stdout``, ``stderr``) and some bytes that the command wrote to it."""


def run_command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    output: Output,
    exported: Callable[[dict[str, str]], None] | None = None,
) -> dict[str, str]:
    """Run a command to its end.

    What ``sh -c`` (or another shell's) exported is seen also when the command fails; it is written out by the shell
    itself as it exits, so a command that replaces the shell (``exec``) or its exit trap takes that away.

    Args:
        arguments: the program and its arguments.
        environment: of the command.
        output: is given what it prints.
        exported: is given the environment at the end, before a failure is raised.

    Returns:
        The environment at the end of a shell's command, empty for other programs.

    Raises:
        CommandFailedError: it could not be started, ended with another status than 0, or by a signal.
    """
    with tempfile.TemporaryDirectory(prefix="magnus-tracking-") as folder:
        dump = Path(folder) / "environment"
        arguments = _with_dump(list(arguments), dump)
        try:
            process = subprocess.Popen(
                arguments, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise CommandFailedError(f"can't start {arguments[0]!r}: {os_reason(error)}") from None
        with _ended(process):
            pumps = [
                threading.Thread(target=_pump, args=(stream, name, output), daemon=True)
                for stream, name in ((process.stdout, "stdout"), (process.stderr, "stderr"))
            ]
            for pump in pumps:
                pump.start()
            status = process.wait()
            for pump in pumps:
                # A process left in the background can hold the output open for ever; the step does not wait for it.
                pump.join(_LAST_OUTPUT)
        variables = _read_dump(dump)
    if exported is not None:
        exported(variables)
    if status < 0:
        raise CommandFailedError(f"Command failed: ended by signal {-status}")
    if status:
        raise CommandFailedError(f"Command failed with exit status {status}")
    return variables


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_LAST_OUTPUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _with_dump(arguments: list[str], dump: Path) -> list[str]:
    is_shell = len(arguments) > 2 and Path(arguments[0]).name in _SHELLS and arguments[1] == "-c"
    if is_shell:
        trap = f"env -0 > {shlex.quote(str(dump))}"
        arguments[2] = f"trap {shlex.quote(trap)} EXIT\n{arguments[2]}"
    return arguments


def _read_dump(dump: Path) -> dict[str, str]:
    try:
        entries = read_bytes(dump).split(b"\0")
    except FileNotFoundError:
        return {}
    pairs = (os.fsdecode(entry).partition("=") for entry in entries if entry)
    return {name: value for name, _, value in pairs}


def _pump(stream: IO[bytes], name: str, output: Output) -> None:
    # Whoever read our output has gone: so that the command learns of it, nobody reads its output either.
    with stream, contextlib.suppress(OutputError):
        while data := os.read(stream.fileno(), _BLOCK):
            output(name, data)
