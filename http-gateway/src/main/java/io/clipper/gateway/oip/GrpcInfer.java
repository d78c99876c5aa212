package io.clipper.gateway.oip;

/** A {@code ModelInferRequest} as it was received: what both doors share, or why it is none. */
sealed interface GrpcInfer {
  /** Empty text where it could not be read. */
  String model();

  /** Empty text where none was given or it could not be read. */
  String id();

  /** @param raw whether the tensors came as raw bytes: the answer is like them */
  record Received(InferRequest request, boolean raw) implements GrpcInfer {
    @Override
    public String model() {
      return request.model();
    }

    @Override
    public String id() {
      return request.id();
    }
  }

  record Unreadable(String model, String id, Fault fault) implements GrpcInfer {}
}
