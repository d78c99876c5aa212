"""Calls that stay open for one batch after another, as a call of its own costs more than most batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, Callable

import grpc

from clipper_worker import protocol
from clipper_worker.service import Refusal

Answering = Callable[[Any, Callable[[], bool]], Any]
"""From a request, and whether its answer is still wanted, to the response; or it raises a ``Refusal``."""


class Streams:
    """Serves ``ModelStreamInfer``: a batch is answered before the next is read; one that is refused ends its stream.

    Whoever has several batches at a time opens as many streams. One that waits for a batch ends with the server.
    """

    def __init__(self, answering: Answering, most: int) -> None:
        self._answering = answering
        self._most = most
        self._lock = threading.Lock()
        self._open = 0
        self._idle: set[grpc.ServicerContext] = set()
        self._ending = False

    def serve(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        with self._lock:
            self._open += 1
            too_many = self._open > self._most
        try:
            if too_many:
                raise Refusal(grpc.StatusCode.CANCELLED, f"{self._most} streams are open already")
            while self._waits(context) and (request := next(requests, None)) is not None:
                self._is_busy(context)
                response = self._answering(request, _wanted(request, context))
                yield protocol.ModelStreamInferResponse(infer_response=response)
        finally:
            with self._lock:
                self._open -= 1
                self._idle.discard(context)

    def end(self) -> None:
        """What is being answered is answered still."""
        with self._lock:
            self._ending = True
            for context in self._idle:  # in the lock: none of them has a batch by then
                context.cancel()

    def _waits(self, context: grpc.ServicerContext) -> bool:
        with self._lock:
            if not self._ending:
                self._idle.add(context)
            return not self._ending

    def _is_busy(self, context: grpc.ServicerContext) -> None:
        with self._lock:
            self._idle.discard(context)


def _wanted(request: Any, context: grpc.ServicerContext) -> Callable[[], bool]:
    """Read at once: until when counts from the moment at which the request came."""
    microseconds = request.parameters[protocol.TIMEOUT].int64_param if protocol.TIMEOUT in request.parameters else 0
    until = time.monotonic() + microseconds / 1e6 if microseconds > 0 else float("inf")
    return lambda: context.is_active() and time.monotonic() < until
