"""A model's errors in the log, with the lines of the model's own code."""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import Path
from typing import Callable

from clipper_worker.failures import BadAnswer, in_words

_LOG = logging.getLogger("clipper_worker")
_OWN_FOLDER = str(Path(__file__).parent)
_REPEATED_AFTER_SECONDS = 10.0


def of_model(error: BaseException) -> str:
    """The traceback from the first line outside the worker on."""
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None and _is_own(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()


def _is_own(file: str) -> bool:
    return file.startswith((_OWN_FOLDER, "<frozen importlib"))


class Tracebacks:
    """Logs an error with its traceback; one that comes again at once is counted, since it may come with every batch."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._latest = ""
        self._logged_at = 0.0
        self._repeated = 0

    def log(self, error: BaseException) -> None:
        text = str(error) if isinstance(error, BadAnswer) else of_model(error)
        if text == self._latest and self._seconds() - self._logged_at < _REPEATED_AFTER_SECONDS:
            self._repeated += 1
            return
        if self._repeated:
            _LOG.error("the same failed %d more batches", self._repeated)
        what = text if isinstance(error, BadAnswer) else f"{in_words(error)}\n{text}"
        _LOG.error("a batch failed: %s", what)
        self._latest, self._logged_at, self._repeated = text, self._seconds(), 0
