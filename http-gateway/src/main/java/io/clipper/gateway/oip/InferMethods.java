package io.clipper.gateway.oip;

import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import java.util.ArrayList;
import java.util.List;

/** The generated service with its two methods that infer reading their requests by {@link InferWire}. */
final class InferMethods {
  private InferMethods() {}

  static ServerServiceDefinition of(InferenceService service, int limit) {
    InferWire wire = new InferWire(limit);
    MethodDescriptor<GrpcInfer, ModelInferResponse> unary = reading(GRPCInferenceServiceGrpc.getModelInferMethod(), wire);
    MethodDescriptor<GrpcInfer, ModelStreamInferResponse> stream = reading(GRPCInferenceServiceGrpc.getModelStreamInferMethod(), wire);
    ServerServiceDefinition generated = CarefulCalls.of(service.bindService());
    ServiceDescriptor.Builder described =
        ServiceDescriptor.newBuilder(generated.getServiceDescriptor().getName())
            .setSchemaDescriptor(generated.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(unary)
            .addMethod(stream);
    List<ServerMethodDefinition<?, ?>> others = new ArrayList<>();
    for (ServerMethodDefinition<?, ?> method : generated.getMethods()) {
      String name = method.getMethodDescriptor().getFullMethodName();
      if (!name.equals(unary.getFullMethodName()) && !name.equals(stream.getFullMethodName())) {
        others.add(method);
        described.addMethod(method.getMethodDescriptor());
      }
    }
    ServerServiceDefinition.Builder all =
        ServerServiceDefinition.builder(described.build())
            .addMethod(unary, ServerCalls.asyncUnaryCall(service::infer))
            .addMethod(stream, ServerCalls.asyncBidiStreamingCall(service::inferStream));
    others.forEach(all::addMethod);
    return all.build();
  }

  private static <Q, P> MethodDescriptor<GrpcInfer, P> reading(MethodDescriptor<Q, P> generated, InferWire wire) {
    return generated.toBuilder(wire, generated.getResponseMarshaller()).build();
  }
}
