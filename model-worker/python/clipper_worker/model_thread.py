"""The threads that call the model: one, unless more are asked for."""

from __future__ import annotations

import queue
import threading
import time
from concurrent import futures
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from clipper_worker.frames import Frames


class ModelThread(futures.ThreadPoolExecutor):
    """An executor whose first thread is the one that calls ``serve``: a worker gives it its main thread.

    Libraries keep state by thread (OpenMP its workers, sqlite its connections), and some install signal handlers, which
    only the main thread may; a model that is loaded and called in that one thread meets none of this. It is a
    ``ThreadPoolExecutor`` because grpcio accepts no other for a single method.
    """

    def __init__(self, threads: int = 1) -> None:
        super().__init__(max_workers=threads)
        self._threads_in_all = threads
        self._tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._clock = threading.Lock()
        self._running = 0
        self._since = 0.0
        self._frames: Frames | None = None

    def attend(self, frames: Frames) -> None:
        """To be said before ``serve``, whose thread answers what comes there in turns with what is submitted."""
        self._frames = frames

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> futures.Future[Any]:
        future: futures.Future[Any] = futures.Future()
        self._put((future, fn, args, kwargs))
        return future

    @property
    def is_one(self) -> bool:
        return self._threads_in_all == 1

    @property
    def waiting(self) -> int:
        """How many calls no thread has taken yet."""
        return self._tasks.qsize()

    @property
    def standstill(self) -> float:
        """For how many seconds the model has been called and no call has returned; none while it is idle."""
        with self._clock:
            return time.monotonic() - self._since if self._running else 0.0

    def serve(self) -> None:
        """Runs what is submitted, here and in the other threads, until ``stop``."""
        for index in range(1, self._threads_in_all):
            threading.Thread(target=self._run, name=f"model-{index}", daemon=True).start()
        if self._frames is None:
            self._run()
        else:
            self._run_beside(self._frames)

    def stop(self) -> None:
        """Ends ``serve`` once all that was submitted before has run."""
        for _ in range(self._threads_in_all):
            self._put(None)

    def call(self, fn: Callable[..., Any], /, *args: Any) -> Any:
        """Calls the model, in a thread that may."""
        self._called()
        try:
            return fn(*args)
        finally:
            self._returned()

    def _put(self, task: Any) -> None:
        self._tasks.put(task)
        if self._frames is not None:
            self._frames.wake()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._do(*task)

    def _run_beside(self, frames: Frames) -> None:
        while True:
            frames.serve(wait=self._tasks.empty())
            for _ in range(self._tasks.qsize()):  # this thread alone takes from it
                task = self._tasks.get()
                if task is None:
                    return
                self._do(*task)

    def _do(self, future: futures.Future[Any], fn: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(self.call(lambda: fn(*args, **kwargs)))
            except BaseException as error:
                future.set_exception(error)

    def _called(self) -> None:
        with self._clock:
            if self._running == 0:
                self._since = time.monotonic()
            self._running += 1

    def _returned(self) -> None:
        with self._clock:
            self._running -= 1
            self._since = time.monotonic()
