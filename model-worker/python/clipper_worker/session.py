"""The processes that a model starts, and their end."""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path

_PROCESSES = Path("/proc")
_TO_END_SECONDS = 0.5
"""From asking the others to end to ending them."""
_LOOK_SECONDS = 0.01
"""Between two looks at them: the system tells nobody but a parent of a process's end, and these may have another."""
_MARK_VARIABLE = "CLIPPER_WORKER"
_MARK = str(uuid.uuid4())
"""A word in the environment of what is started from here, whatever session it moves to."""


def lead() -> bool:
    """Puts this process at the head of a session of its own, by which what the model starts is found again, and marks what leaves it.

    False for the head of somebody else's group, as a shell makes of each command: what is in that group need not be ours.
    """
    os.environ[_MARK_VARIABLE] = " ".join([*os.environ.get(_MARK_VARIABLE, "").split(), _MARK])
    try:
        os.setsid()
    except OSError:
        return os.getsid(0) == os.getpid()
    return True


def end_others() -> None:
    """Ends the other processes of this session, and those that left it: a pool's, a server that the model has started.

    Who left the session and has emptied its environment is not found. Without /proc the group is asked to end, and not made to.
    """
    if not _PROCESSES.is_dir():
        os.killpg(0, signal.SIGTERM)  # of this process too, which ends already
        return
    _send(signal.SIGTERM, _others())
    deadline = time.monotonic() + _TO_END_SECONDS
    while others := _others():
        if time.monotonic() > deadline:
            _send(signal.SIGKILL, others)
            return
        time.sleep(_LOOK_SECONDS)


def _others() -> list[int]:
    own, session = os.getpid(), os.getsid(0)
    processes = (int(entry.name) for entry in _PROCESSES.iterdir() if entry.name.isdigit())
    return [process for process in processes if process != own and _is_ours(session, process)]


def _is_ours(session: int, process: int) -> bool:
    try:
        stat = (_PROCESSES / str(process) / "stat").read_text(errors="replace")
        state, _, _, its_session = stat[stat.rindex(")") + 2 :].split(" ", 4)[:4]
        return state not in "ZX" and (int(its_session) == session or _is_marked(process))
    except OSError:  # it has ended since it was listed, or is somebody else's
        return False


def _is_marked(process: int) -> bool:
    variables = (_PROCESSES / str(process) / "environ").read_bytes().split(b"\0")
    name = _MARK_VARIABLE.encode() + b"="
    return any(_MARK.encode() in variable.split(b"=", 1)[1].split() for variable in variables if variable.startswith(name))


def _send(number: signal.Signals, processes: list[int]) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except (ProcessLookupError, PermissionError):
            continue
