"""Reading on systems that lack what Linux has: the same answers with those parts of the standard library taken away."""

import json
import os
import subprocess
import sys

import pytest

from support.stores import DATA_STORES, TESTS

SAMPLES = TESTS.parent / "sample_runs"

WITHOUT = """
import argparse, asyncio, csv, concurrent.futures, json, logging.handlers, multiprocessing, os, select, shutil
import signal, socket, sqlite3, subprocess, sys, tempfile, tomllib, xml.sax.saxutils, zoneinfo
import click.shell_completion, lark, msgspec, platformdirs, pydantic, rich.console, rich.text, tomlkit, watchfiles, yaml

gone = json.loads(sys.argv[1])
for module, names in gone["attributes"].items():
    for name in names.split():
        if hasattr(sys.modules[module], name):
            delattr(sys.modules[module], name)
for name in gone["modules"]:
    sys.modules[name] = None
sys.platform = gone["platform"]

if not gone["descriptors"]:
    # Folders can't be opened, so that there is nothing to be relative to.
    for name in ("open", "stat", "lstat", "access", "readlink", "scandir", "listdir"):
        def guarded(*args, _real=getattr(os, name), dir_fd=None, **kwargs):
            if dir_fd is not None:
                raise NotImplementedError("dir_fd unavailable on this platform")
            if isinstance(args[0], int) and _real.__name__ in ("scandir", "listdir"):
                raise TypeError("path should be string, bytes, os.PathLike or None, not int")
            if _real.__name__ == "open" and os.path.isdir(args[0]):
                raise PermissionError(13, "Permission denied", os.fspath(args[0]))
            return _real(*args, **kwargs)
        setattr(os, name, guarded)

from magnus_tui.__main__ import main

for arguments in json.loads(sys.argv[2]):
    print("==", *arguments[:2], flush=True)
    print("==", main(arguments), flush=True)
"""

_NOT_ON_WINDOWS = """
getuid geteuid getgid getegid getgroups fork forkpty killpg getpgid getpgrp setsid setpgid setpgrp
register_at_fork sched_getaffinity sched_setaffinity sched_yield posix_fadvise posix_fallocate posix_spawn
mkfifo mknod pread pwrite preadv pwritev fchmod fchown chown lchown fchdir nice uname statvfs fstatvfs eventfd
eventfd_read eventfd_write EFD_CLOEXEC EFD_NONBLOCK O_NONBLOCK O_NOCTTY O_CLOEXEC O_DIRECTORY O_NOFOLLOW
O_SYNC O_DSYNC O_PATH O_TMPFILE openpty ctermid ttyname tcgetpgrp tcsetpgrp getloadavg getxattr setxattr
sysconf sync fdatasync lockf memfd_create pipe2 set_blocking get_blocking waitid wait3 wait4 sendfile
copy_file_range splice confstr setpriority getpriority
"""
_SIGNALS = """
SIGHUP SIGQUIT SIGTSTP SIGCONT SIGKILL SIGUSR1 SIGUSR2 SIGPIPE SIGCHLD SIGWINCH SIGALRM SIGTTOU SIGTTIN
setitimer pthread_sigmask pthread_kill sigwait pause alarm
"""
_NOT_ON_MACOS = """
sched_getaffinity sched_setaffinity posix_fadvise posix_fallocate eventfd eventfd_read eventfd_write
EFD_CLOEXEC EFD_NONBLOCK O_PATH O_TMPFILE getxattr setxattr memfd_create pipe2 fdatasync copy_file_range
splice preadv
"""
SYSTEMS = {
    "windows": {
        "platform": "win32",
        "attributes": {
            "os": _NOT_ON_WINDOWS,
            "signal": _SIGNALS,
            "select": "poll epoll",
            "socket": "AF_UNIX socketpair",
        },
        "modules": ["fcntl", "termios", "pwd", "grp", "resource", "tty", "pty"],
        "descriptors": False,
    },
    "macos": {
        "platform": "darwin",
        "attributes": {"os": _NOT_ON_MACOS, "select": "epoll"},
        "modules": [],
        "descriptors": True,
    },
}
COMMANDS = [
    ["runs", "-s", str(SAMPLES), "--format", "csv"],
    ["runs", "-s", str(DATA_STORES / "magnus-reruns"), "--where", "status:fail", "--format", "json"],
    ["show", "latest", "-s", str(SAMPLES), "--format", "json"],
    ["show", "tracked-retried", "-s", str(SAMPLES)],
    ["metrics", "tracked-diverged", "-s", str(SAMPLES), "--format", "csv"],
    ["compare", "tracked-sweep-1", "tracked-sweep-2", "-s", str(SAMPLES), "--changed"],
    ["failures", "-s", str(SAMPLES)],
    ["log", "tracked-failed", "-s", str(SAMPLES)],
    ["check", str(SAMPLES)],
    ["wait", "tracked-failed", "-s", str(SAMPLES)],
    ["metrics", "tracked-sweep-1", "-s", str(SAMPLES), "--follow"],
    ["schema"],
]


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_reading_command_answers_the_same_without_what_linux_alone_has(system, tmp_path):
    def ran(gone, name):
        environment = {**os.environ, "MAGNUS_TUI_CACHE": str(tmp_path / name)}
        return subprocess.run(
            [sys.executable, "-c", WITHOUT, json.dumps(gone), json.dumps(COMMANDS)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    here = ran({"platform": sys.platform, "attributes": {}, "modules": [], "descriptors": True}, "here")
    there = ran(SYSTEMS[system], "there")
    assert there.stderr == here.stderr
    assert there.stdout == here.stdout
    assert there.returncode == here.returncode == 0
