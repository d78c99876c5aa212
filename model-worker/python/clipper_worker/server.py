"""The gRPC server: which method runs where, and the channel's limits."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from typing import Any, Callable

import grpc

from clipper_worker import protocol
from clipper_worker.failures import LoadFailure
from clipper_worker.frames import SUFFIX as FRAMES_SUFFIX
from clipper_worker.frames import Frames
from clipper_worker.model_thread import ModelThread
from clipper_worker.service import Refusal, Service
from clipper_worker.streams import Streams

_LOG = logging.getLogger("clipper_worker")

_UNIX = "unix:"
_LONGEST_SOCKET_PATH = 107
_OTHER_THREADS = 2
"""For what is answered without the model."""
_MOST_STREAMS = 64
"""Each has a thread while it is open: a node has as many as batches are under way, and no more than eight."""
_OPTIONS = (
    # A batch is many inputs; what one may weigh is for the node to say.
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # Two workers on one port would share its connections.
    ("grpc.so_reuseport", 0),
    # A node pings its idle connections; by default a server takes that for an attack and hangs up.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.http2.max_ping_strikes", 0),
)


class Methods(grpc.GenericRpcHandler):
    """The service's methods by path. Predictions run in the model's thread, all else beside it."""

    def __init__(self, service: Service, thread: ModelThread, max_waiting: int, extensions: list[str]) -> None:
        self._service = service
        self._thread = thread
        self._max_waiting = max_waiting
        self._infer_path = _path("ModelInfer")
        self.streams = Streams(self._in_the_models_thread, _MOST_STREAMS)

        def infer(request: Any, context: grpc.ServicerContext) -> Any:
            return service.model_infer(request, lambda: context.is_active() and context.time_remaining() != 0)

        def refuse(request: Any, context: grpc.ServicerContext) -> Any:
            raise self._too_many_wait()

        def stream(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
            try:
                yield from self.streams.serve(requests, context)
            except Refusal as refusal:
                context.abort(refusal.status, refusal.details)

        infers, streams = _told(infer), stream
        # Read by grpcio when it chooses the executor of a call.
        infers.experimental_thread_pool = thread  # type: ignore[attr-defined]
        streams.experimental_thread_pool = futures.ThreadPoolExecutor(_MOST_STREAMS + 1, "stream")  # type: ignore[attr-defined]
        self._refusing = _method(_told(refuse), bytes)
        self._methods: dict[str, grpc.RpcMethodHandler] = {
            self._infer_path: _method(infers, protocol.ModelInferRequest.FromString),
            _path("ModelStreamInfer"): grpc.stream_stream_rpc_method_handler(
                streams, protocol.ModelInferRequest.FromString, _serialized
            ),
            _path("ServerLive"): _unary(service.server_live, protocol.ServerLiveRequest),
            _path("ServerReady"): _unary(service.server_ready, protocol.ServerReadyRequest),
            _path("ServerMetadata"): _unary(
                lambda request: service.server_metadata(extensions), protocol.ServerMetadataRequest
            ),
            _path("ModelReady"): _unary(service.model_ready, protocol.ModelReadyRequest),
            _path("ModelMetadata"): _unary(service.model_metadata, protocol.ModelMetadataRequest),
            _path("ModelConfig"): _unary(service.model_config, protocol.ModelConfigRequest),
            f"/{protocol.HEALTH_SERVICE}/Check": _unary(service.check_health, protocol.HealthCheckRequest),
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        path = handler_call_details.method
        if path == self._infer_path and self._thread.waiting >= self._max_waiting:
            return self._refusing
        return self._methods.get(path)

    def _in_the_models_thread(self, request: Any, is_wanted: Callable[[], bool]) -> Any:
        if self._thread.waiting >= self._max_waiting:
            raise self._too_many_wait()
        return self._thread.submit(self._service.model_infer, request, is_wanted).result()

    def _too_many_wait(self) -> Refusal:
        return Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, f"{self._max_waiting} batches wait for the model already")


class Server:
    """Listens from its start to its stop."""

    def __init__(self, server: grpc.Server, streams: Streams, frames: Frames | None, target: str) -> None:
        self._server = server
        self._streams = streams
        self._frames = frames
        self.target = target

    def stop(self, grace_seconds: float) -> threading.Event:
        """Takes nothing new; the event is set when what was taken has been answered, or the grace is over."""
        over = time.monotonic() + grace_seconds
        stopped = self._server.stop(grace_seconds)
        self._streams.end()
        if self._frames is None:
            return stopped
        self._frames.stop()
        both = threading.Event()

        def wait(frames: Frames) -> None:
            stopped.wait()
            frames.stopped.wait(max(0.0, over - time.monotonic()))
            both.set()

        threading.Thread(target=wait, args=(self._frames,), name="stopping", daemon=True).start()
        return both


def start(service: Service, thread: ModelThread, max_waiting: int, listen: str) -> Server:
    """Listens on ``unix:PATH`` or ``HOST:PORT``; the server's target reaches it."""
    others = futures.ThreadPoolExecutor(_OTHER_THREADS, thread_name_prefix="beside-the-model")
    extensions = [protocol.STREAMS]
    methods = Methods(service, thread, max_waiting, extensions)
    server = grpc.server(others, handlers=(methods,), options=_OPTIONS)
    port = _bind(server, listen)
    frames = _frames(service, thread, listen)
    if frames is not None:
        extensions.append(protocol.FRAMES)
    server.start()
    target = listen if listen.startswith(_UNIX) else f"{listen.rpartition(':')[0]}:{port}"
    return Server(server, methods.streams, frames, target)


def _frames(service: Service, thread: ModelThread, listen: str) -> Frames | None:
    """Beside a socket of the file system, where one thread calls the model, and so may wait for both."""
    if not listen.startswith(_UNIX) or not thread.is_one:
        return None
    try:
        frames = Frames(
            listen[len(_UNIX) :] + FRAMES_SUFFIX, lambda *asked: thread.call(service.model_infer, *asked), _MOST_STREAMS
        )
    except OSError as error:  # the path is too long, say
        _LOG.warning("batches come by calls only, without %s%s: %s", listen, FRAMES_SUFFIX, error)
        return None
    thread.attend(frames)
    return frames


def _bind(server: grpc.Server, listen: str) -> int:
    path = listen[len(_UNIX) :] if listen.startswith(_UNIX) else ""
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        raise LoadFailure(f"the socket path '{path}' is longer than {_LONGEST_SOCKET_PATH} bytes")
    before = os.umask(0o077)  # only this user may ask the model
    try:
        port = server.add_insecure_port(listen)
    except RuntimeError as error:
        raise LoadFailure(f"cannot listen on {listen}: {error}") from error
    finally:
        os.umask(before)
    if port == 0:
        raise LoadFailure(f"cannot listen on {listen}")
    return port


def _path(method: str) -> str:
    return f"/{protocol.SERVICE}/{method}"


def _unary(method: Callable[[Any], Any], request: Any) -> grpc.RpcMethodHandler:
    return _method(_told(lambda message, context: method(message)), request.FromString)


def _method(
    behaviour: Callable[[Any, grpc.ServicerContext], Any], deserializer: Callable[[bytes], Any]
) -> grpc.RpcMethodHandler:
    return grpc.unary_unary_rpc_method_handler(behaviour, deserializer, _serialized)


def _told(behaviour: Callable[[Any, grpc.ServicerContext], Any]) -> Callable[[Any, grpc.ServicerContext], Any]:
    """With its refusal as the call's status."""

    def told(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return behaviour(request, context)
        except Refusal as refusal:
            context.abort(refusal.status, refusal.details)

    return told


def _serialized(message: Any) -> bytes:
    return message.SerializeToString()
