package io.clipper.load;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The library of the gRPC door with nothing behind it, beside a node in its process. */
final class ConstantGrpcServer {
  /** As large as the answer of a model of a few numbers. */
  private static final byte[] ANSWER = new byte[128];

  private ConstantGrpcServer() {}

  /** Its port; it runs as long as the process. */
  static int start() throws IOException {
    MethodDescriptor<byte[], byte[]> method = InferAsker.method("ModelInfer", MethodDescriptor.MethodType.UNARY);
    MethodDescriptor<byte[], byte[]> stream = InferAsker.method("ModelStreamInfer", MethodDescriptor.MethodType.BIDI_STREAMING);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(
                ServerServiceDefinition.builder("inference.GRPCInferenceService")
                    .addMethod(
                        method,
                        ServerCalls.asyncUnaryCall(
                            (request, observer) -> {
                              observer.onNext(ANSWER);
                              observer.onCompleted();
                            }))
                    .addMethod(stream, ServerCalls.asyncBidiStreamingCall(ConstantGrpcServer::answering))
                    .build())
            .build()
            .start();
    return server.getPort();
  }

  private static StreamObserver<byte[]> answering(StreamObserver<byte[]> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] request) {
        answers.onNext(ANSWER);
      }

      @Override
      public void onError(Throwable failure) {
        // The client has left.
      }

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }
}
