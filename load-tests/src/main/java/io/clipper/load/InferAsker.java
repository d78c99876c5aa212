package io.clipper.load;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks and waits, over and over, and reads no more of an answer than where it ends. */
interface InferAsker extends AutoCloseable {
  /** The bytes of the answer; throws where there is none. */
  int ask(byte[] request) throws IOException, InterruptedException;

  @Override
  void close() throws IOException;

  /** Bytes as they are. */
  MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        }
      };

  static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.newBuilder(BYTES, BYTES).setFullMethodName("inference.GRPCInferenceService/" + name).setType(type).build();
  }

  static InferAsker http(InetSocketAddress address) throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setTcpNoDelay(true);
    InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    return new InferAsker() {
      @Override
      public int ask(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        String status = line();
        int length = 0;
        for (String header = line(); !header.isEmpty(); header = line()) {
          if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
            length = Integer.parseInt(header.substring("content-length:".length()).strip());
          }
        }
        in.skipNBytes(length);
        if (!status.contains(" 200 ")) {
          throw new IOException(status);
        }
        return length;
      }

      private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int next = in.read(); next != '\n'; next = in.read()) {
          if (next < 0) {
            throw new EOFException("the server closed the connection");
          }
          if (next != '\r') {
            line.append((char) next);
          }
        }
        return line.toString();
      }

      @Override
      public void close() throws IOException {
        socket.close();
      }
    };
  }

  static InferAsker unary(Channel channel) {
    MethodDescriptor<byte[], byte[]> method = method("ModelInfer", MethodDescriptor.MethodType.UNARY);
    return new InferAsker() {
      @Override
      public int ask(byte[] request) {
        return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request).length;
      }

      @Override
      public void close() {
        // The channel is its owner's.
      }
    };
  }

  static InferAsker stream(Channel channel) {
    MethodDescriptor<byte[], byte[]> method = method("ModelStreamInfer", MethodDescriptor.MethodType.BIDI_STREAMING);
    LinkedBlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    Consumer<byte[]> answered = answers::add;
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] answer) {
                answered.accept(answer);
              }

              @Override
              public void onError(Throwable failure) {
                // Whoever waits finds that nothing comes.
                answered.accept(new byte[0]);
              }

              @Override
              public void onCompleted() {
                answered.accept(new byte[0]);
              }
            });
    return new InferAsker() {
      @Override
      public int ask(byte[] request) throws IOException, InterruptedException {
        requests.onNext(request);
        byte[] answer = answers.poll(30, TimeUnit.SECONDS);
        if (answer == null || answer.length == 0) {
          throw new IOException("the stream ended");
        }
        return answer.length;
      }

      @Override
      public void close() {
        requests.onCompleted();
      }
    };
  }
}
