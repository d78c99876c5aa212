"""Writes clipper_worker/open_inference.binpb from the project's .proto.

    pip install grpcio-tools
    python make_descriptor.py

A test of model-worker compares the result with the .proto that the Java side is compiled from.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
PROTO = HERE.parent / "src/main/proto/open_inference.proto"
DESCRIPTOR = HERE / "clipper_worker/open_inference.binpb"


def compiled() -> FileDescriptorProto:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "set.binpb"
        status = protoc.main(["protoc", f"-I{PROTO.parent}", f"--descriptor_set_out={written}", str(PROTO)])
        if status != 0:
            raise SystemExit(status)
        return FileDescriptorSet.FromString(written.read_bytes()).file[0]


def without_json_names(message: DescriptorProto) -> None:
    for field in message.field:
        field.ClearField("json_name")
    for nested in message.nested_type:
        without_json_names(nested)


if __name__ == "__main__":
    descriptor = compiled()
    for message in descriptor.message_type:
        without_json_names(message)
    DESCRIPTOR.write_bytes(descriptor.SerializeToString(deterministic=True))
