"""When a worker ends: its parent is gone, or a signal asks it to; and what ends with it."""

from __future__ import annotations

import os
import select
import signal
import stat
import sys
import threading
from typing import Callable, TextIO

_STDIN, _STDOUT, _STDERR = 0, 1, 2
_ENDING = (signal.SIGTERM, signal.SIGINT)


def take_stdout() -> TextIO:
    """The worker's own standard output. What the model prints goes to the log from now on.

    A parent reads one line; a model that prints more would one day fill the pipe and stand still.
    """
    own = os.fdopen(os.dup(_STDOUT), "w", encoding="utf-8")
    sys.stdout.flush()
    os.dup2(_STDERR, _STDOUT)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return own


def is_watched(descriptor: int = _STDIN) -> bool:
    """Whether the end of standard input says anything: it does of a pipe, not of a terminal or of /dev/null."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


class Lifetime:
    """Calls ``end`` once, in a thread of its own, for the first reason to end.

    Signals come through a pipe: a handler in Python would wait until the main thread, which calls the model, is free.
    With a parent to watch, an interrupt is the parent's business: a terminal sends it to both.
    """

    def __init__(self, watch_stdin: bool, end: Callable[[str], None]) -> None:
        self._parent = _taken_stdin() if watch_stdin else None
        self._end = end
        self._signals, wakeup = os.pipe()
        os.set_blocking(wakeup, False)
        for number in _ENDING:
            signal.signal(number, _noticed)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        os.register_at_fork(before=_hold_signals, after_in_parent=_let_signals, after_in_child=_forget_signals)
        threading.Thread(target=self._watch, name="lifetime", daemon=True).start()

    def _watch(self) -> None:
        reason = None
        while reason is None:
            reason = self._reason()
        self._end(reason)

    def _reason(self) -> str | None:
        descriptors = [self._signals] if self._parent is None else [self._signals, self._parent]
        readable, _, _ = select.select(descriptors, [], [])
        if self._signals in readable:
            numbers = os.read(self._signals, 16)
            if signal.SIGTERM in numbers:
                return "SIGTERM"
            if signal.SIGINT in numbers and self._parent is None:
                return "SIGINT"
        if self._parent in readable and not os.read(self._parent, 4096):
            return "standard input ended"
        return None


def _taken_stdin() -> int:
    """Standard input, of which the model finds an empty one."""
    parent = os.dup(_STDIN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STDIN)
    os.close(nothing)
    return parent


def _noticed(number: int, frame: object) -> None:
    """The pipe has it already; without a handler in Python the signal would end the process."""


# A child that the model forks (a pool's, say) shares the pipe: told to end, it must not tell the worker.


def _hold_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)


def _let_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


def _forget_signals() -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _let_signals()
