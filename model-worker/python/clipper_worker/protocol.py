"""The messages of the Open Inference Protocol and of grpc.health.v1, as classes.

They are made from a descriptor, in a pool of their own: generated modules are tied to a range of protobuf versions, and
register the package ``inference`` in the pool of the process, where a model that imports another server's client
(tritonclient, mlserver) would find its names taken.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "inference.GRPCInferenceService"
HEALTH_SERVICE = "grpc.health.v1.Health"

STREAMS = "clipper_streams"
"""The extension by which a server says that batches may come on ``ModelStreamInfer``, as ``streams`` serves it."""
FRAMES = "clipper_frames"
"""The extension by which a server says that batches may come on the socket beside its own, as ``frames`` serves it."""
TIMEOUT = "timeout"
"""The parameter of a request that says in how many microseconds nobody wants its answer any more."""


def _health() -> descriptor_pb2.FileDescriptorProto:
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="health.proto", package="grpc.health.v1", syntax="proto3")
    request = file.message_type.add(name="HealthCheckRequest")
    request.field.add(name="service", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    response = file.message_type.add(name="HealthCheckResponse")
    status = response.enum_type.add(name="ServingStatus")
    for number, name in enumerate(("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")):
        status.value.add(name=name, number=number)
    response.field.add(
        name="status",
        number=1,
        type=field.TYPE_ENUM,
        type_name=".grpc.health.v1.HealthCheckResponse.ServingStatus",
        label=field.LABEL_OPTIONAL,
    )
    return file


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(
    descriptor_pb2.FileDescriptorProto.FromString(
        resources.files("clipper_worker").joinpath("open_inference.binpb").read_bytes()
    )
)
_POOL.Add(_health())


def _message(name: str) -> Any:
    descriptor = _POOL.FindMessageTypeByName(name)
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(_POOL).GetPrototype(descriptor)  # protobuf before 4.22


ServerLiveRequest = _message("inference.ServerLiveRequest")
ServerLiveResponse = _message("inference.ServerLiveResponse")
ServerReadyRequest = _message("inference.ServerReadyRequest")
ServerReadyResponse = _message("inference.ServerReadyResponse")
ServerMetadataRequest = _message("inference.ServerMetadataRequest")
ServerMetadataResponse = _message("inference.ServerMetadataResponse")
ModelReadyRequest = _message("inference.ModelReadyRequest")
ModelReadyResponse = _message("inference.ModelReadyResponse")
ModelMetadataRequest = _message("inference.ModelMetadataRequest")
ModelMetadataResponse = _message("inference.ModelMetadataResponse")
ModelConfigRequest = _message("inference.ModelConfigRequest")
ModelConfigResponse = _message("inference.ModelConfigResponse")
ModelInferRequest = _message("inference.ModelInferRequest")
ModelInferResponse = _message("inference.ModelInferResponse")
ModelStreamInferResponse = _message("inference.ModelStreamInferResponse")
HealthCheckRequest = _message("grpc.health.v1.HealthCheckRequest")
HealthCheckResponse = _message("grpc.health.v1.HealthCheckResponse")
