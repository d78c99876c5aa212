"""Batches over a socket of the file system, beside the server: for whoever is on this host.

What gRPC does for a call takes longer than most batches. A connection has one batch at a time. A request is its
length, until when its answer is wanted in microseconds since 1970, and a ``ModelInferRequest``; an answer is its
length, a status of gRPC's, and a ``ModelInferResponse``, or the words of a refusal. All numbers have their highest byte
first. Who closes his connection wants no answer any more.
"""

from __future__ import annotations

import contextlib
import errno
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
_MOST_BYTES = 64 << 20
"""Of a request: more than a node puts into one."""
_USUAL_BYTES = 1 << 16
_PATIENCE_SECONDS = 2.0
"""For the rest of what somebody has begun to send, or for him to take an answer: the model waits so long."""
_NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)
"""A model may have given SIGPIPE back to the system, which ends who writes to somebody that has left."""


class Frames:
    """Served by one thread, the model's, which is not woken by any other then. ``wake`` and ``stop`` are for all."""

    def __init__(self, path: str, answering: Answering, most: int) -> None:
        """Listens at once; raises ``OSError``."""
        self._path = path
        self._answering = answering
        self._most = most
        self._answered: dict[socket.socket, int] = {}
        """The connections, each with how many answers there were when it had its last."""
        self._answers = 0
        self._buffer = bytearray(_USUAL_BYTES)
        self._selector = selectors.DefaultSelector()
        self._listener = _listening(path)
        self._woken, self._waking = os.pipe()
        for end in (self._woken, self._waking):
            os.set_blocking(end, False)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._woken, selectors.EVENT_READ, _drain)
        self._stopping = False
        self.stopped = threading.Event()
        """Set when nothing is being answered any more, and nothing will be."""

    def wake(self) -> None:
        """Lets ``serve`` return that waits for something."""
        with contextlib.suppress(BlockingIOError):  # it is full: whoever reads it is woken
            os.write(self._waking, b"\0")

    def stop(self) -> None:
        """Takes nothing that has not come yet."""
        self._stopping = True
        self.wake()

    def serve(self, wait: bool) -> None:
        """Answers what has come; where nothing has, returns at once or waits until something has.

        First is who was answered longest ago: what a node has sent first is what it takes for the reason of a hang.
        """
        stopping = self._stopping
        ready = self._selector.select(None if wait and not stopping else 0)
        for key, _ in sorted(ready, key=lambda each: self._answered.get(each[0].fileobj, -1)):  # type: ignore[call-overload]
            key.data(key.fileobj)
        if stopping and not self.stopped.is_set():
            self._end()

    def _end(self) -> None:
        self._stop_listening()
        for connection in list(self._answered):
            self._close(connection)
        self.stopped.set()

    def _stop_listening(self) -> None:
        """Whoever comes then is refused, and asks by a call."""
        if self._listener.fileno() >= 0:
            self._selector.unregister(self._listener)
            self._listener.close()
            with contextlib.suppress(OSError):
                Path(self._path).unlink()

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EINTR):
                _LOG.warning("batches come by calls from now on: %s", error)
                self._stop_listening()
            return
        connection.setblocking(False)
        if len(self._answered) == self._most:
            connection.close()
            return
        self._answered[connection] = self._answers
        self._selector.register(connection, selectors.EVENT_READ, self._answer)

    def _close(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._answered[connection]
        with contextlib.suppress(OSError):  # its other end may be closed
            connection.shutdown(socket.SHUT_RDWR)  # a child that the model forked has it too
        connection.close()

    def _answer(self, connection: socket.socket) -> None:
        try:
            until, message = self._read(connection)
            _send(connection, self._answer_to(message, until, connection))
            self._answers += 1
            self._answered[connection] = self._answers
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
        except BaseException as error:  # whatever it is, the worker lives on
            _LOG.exception("a batch could not be answered")
            return _refused(grpc.StatusCode.INTERNAL, in_words(error))

    def _read(self, connection: socket.socket) -> tuple[int, memoryview]:
        """Until when the answer is wanted, and the message, which is there until the next is read."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        buffer = memoryview(self._buffer)
        read = _receive(connection, buffer, deadline)
        while read < _REQUEST.size:
            read += _receive(connection, buffer[read:], deadline)
        length, until = _REQUEST.unpack_from(buffer)
        if length > _MOST_BYTES:
            raise ConnectionError(f"a message of {length} bytes")
        end = _REQUEST.size + length
        if end > len(buffer):
            whole = memoryview(bytearray(end))
            whole[:read] = buffer[:read]
            buffer = whole
        while read < end:
            read += _receive(connection, buffer[read:end], deadline)
        return until, buffer[_REQUEST.size : end]


def _listening(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if Path(path).is_socket():  # of a worker that was there before
            Path(path).unlink()
        before = os.umask(0o077)  # only this user may ask the model
        try:
            listener.bind(path)
        finally:
            os.umask(before)
        listener.setblocking(False)
        listener.listen(socket.SOMAXCONN)
    except OSError:
        listener.close()
        raise
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


def _receive(connection: socket.socket, buffer: memoryview, deadline: float) -> int:
    while True:
        try:
            received = connection.recv_into(buffer)
        except BlockingIOError:
            _wait(connection, select.POLLIN, deadline)
            continue
        if received == 0:
            raise ConnectionError("closed")
        return received


def _send(connection: socket.socket, message: bytes) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    rest = memoryview(message)
    while rest:
        try:
            rest = rest[connection.send(rest, _NO_SIGNAL) :]
        except BlockingIOError:
            _wait(connection, select.POLLOUT, deadline)


def _wait(connection: socket.socket, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(connection, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
