"""Batches over a socket of the file system, beside the server: for whoever is on this host.

What gRPC does for a call takes longer than most batches. A connection has one batch at a time. A request is its
length, until when its answer is wanted in microseconds since 1970, and a ``ModelInferRequest``; an answer is its
length, a status of gRPC's, and a ``ModelInferResponse``, or the words of a refusal. All numbers have their highest byte
first. Who closes his connection wants no answer any more.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import selectors
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any, Callable

import grpc
from google.protobuf.message import DecodeError

from clipper_worker import protocol
from clipper_worker.failures import in_words
from clipper_worker.service import Refusal

_LOG = logging.getLogger("clipper_worker")

Answering = Callable[[Any, Callable[[], bool]], Any]
"""From a request, and whether its answer is still wanted, to the response; or it raises a ``Refusal``."""

SUFFIX = ".frames"
"""What the socket's path has beyond the server's."""

_REQUEST = struct.Struct(">IQ")
_ANSWER = struct.Struct(">IB")
_MOST_BYTES = (1 << 31) - 1
"""Of a message of protobuf."""
_USUAL_BYTES = 1 << 16
_PATIENCE_MILLIS = 10_000
"""For the rest of what somebody has begun to send, or for him to take an answer: the model waits so long."""


class Frames:
    """Served by one thread, the model's, which is not woken by any other then. ``wake`` and ``stopped`` are for all."""

    def __init__(self, path: str, answering: Answering, most: int) -> None:
        """Listens at once; raises ``OSError``."""
        self._path = path
        self._answering = answering
        self._most = most
        self._connections: set[socket.socket] = set()
        self._buffer = bytearray(_USUAL_BYTES)
        self._selector = selectors.DefaultSelector()
        self._listener = _listening(path)
        self._woken, self._waking = os.pipe()
        for end in (self._woken, self._waking):
            os.set_blocking(end, False)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._woken, selectors.EVENT_READ, _drain)
        self.stopped = threading.Event()
        """Set when nothing is being answered any more, and nothing will be."""

    def wake(self) -> None:
        """Lets ``serve`` return that waits for something."""
        with contextlib.suppress(BlockingIOError):  # it is full: whoever reads it is woken
            os.write(self._waking, b"\0")

    def serve(self, wait: bool) -> None:
        """Answers what has come; where nothing has, returns at once or waits until something has."""
        for key, _ in self._selector.select(None if wait else 0):
            key.data(key.fileobj)

    def stop(self) -> None:
        """Answers what has come, and ends."""
        self._selector.unregister(self._listener)
        self._listener.close()
        Path(self._path).unlink(missing_ok=True)
        self.serve(wait=False)
        for connection in list(self._connections):
            self._close(connection)
        self.stopped.set()

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # whoever it was has left
            return
        connection.setblocking(False)
        if len(self._connections) == self._most:
            connection.close()
            return
        self._connections.add(connection)
        self._selector.register(connection, selectors.EVENT_READ, self._answer)

    def _close(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        self._connections.remove(connection)
        connection.close()

    def _answer(self, connection: socket.socket) -> None:
        try:
            until, message = self._read(connection)
            _send(connection, self._answer_to(message, until, connection))
        except (OSError, MemoryError):  # closed, silent amid a message, or of a size that nobody has
            self._close(connection)

    def _answer_to(self, message: Any, until: int, connection: socket.socket) -> bytes:
        try:
            request = protocol.ModelInferRequest.FromString(message)
            response = self._answering(request, lambda: _micros() < until and _is_open(connection))
            return _framed(grpc.StatusCode.OK, response.SerializeToString())
        except Refusal as refusal:
            return _refused(refusal.status, refusal.details)
        except DecodeError as error:
            return _refused(grpc.StatusCode.INTERNAL, f"the request cannot be read: {error}")
        except Exception as error:  # the model is asked by others too
            _LOG.exception("a batch could not be answered")
            return _refused(grpc.StatusCode.INTERNAL, in_words(error))

    def _read(self, connection: socket.socket) -> tuple[int, memoryview]:
        """Until when the answer is wanted, and the message, which is there until the next is read."""
        buffer = memoryview(self._buffer)
        read = _receive(connection, buffer)
        while read < _REQUEST.size:
            read += _receive(connection, buffer[read:])
        length, until = _REQUEST.unpack_from(buffer)
        if length > _MOST_BYTES:
            raise ConnectionError(f"a message of {length} bytes")
        end = _REQUEST.size + length
        if end > len(buffer):
            whole = memoryview(bytearray(end))
            whole[:read] = buffer[:read]
            buffer = whole
        while read < end:
            read += _receive(connection, buffer[read:end])
        return until, buffer[_REQUEST.size : end]


def _listening(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    Path(path).unlink(missing_ok=True)  # of a worker that was there before
    before = os.umask(0o077)  # only this user may ask the model
    try:
        listener.bind(path)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    listener.setblocking(False)
    listener.listen(socket.SOMAXCONN)
    return listener


def _drain(woken: int) -> None:
    os.read(woken, 4096)


def _micros() -> int:
    return time.time_ns() // 1000


def _framed(status: grpc.StatusCode, body: bytes) -> bytes:
    return _ANSWER.pack(len(body), status.value[0]) + body


def _refused(status: grpc.StatusCode, words: str) -> bytes:
    return _framed(status, words.encode(errors="replace"))  # a model may say what is no Unicode


def _is_open(connection: socket.socket) -> bool:
    """Whether whoever has it waits for an answer: he sends nothing before that."""
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def _receive(connection: socket.socket, buffer: memoryview) -> int:
    while True:
        try:
            received = connection.recv_into(buffer)
        except BlockingIOError:
            _wait(connection, select.POLLIN)
            continue
        if received == 0:
            raise ConnectionError("closed")
        return received


def _send(connection: socket.socket, message: bytes) -> None:
    rest = memoryview(message)
    while rest:
        try:
            rest = rest[connection.send(rest) :]
        except BlockingIOError:
            _wait(connection, select.POLLOUT)


def _wait(connection: socket.socket, event: int) -> None:
    poll = select.poll()
    poll.register(connection, event)
    if not poll.poll(_PATIENCE_MILLIS):
        raise TimeoutError
