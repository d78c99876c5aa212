package io.clipper.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest.InferInputTensor;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Open load on an application by streams of the Open Inference Protocol, for nodes that have their processors in common with it: what is due
 * at one time is one write, and so are the answers of a batch, where a connection for each request costs a node two wake-ups of its selector
 * and six system calls. A request is due at its time whether or not those before it were answered, and its latency counts from then.
 */
final class StreamLoad {
  /** What a node takes of a stream before it has answered any of it. */
  private static final int WINDOW = 64;
  /** Longer than any objective here; what has no answer by then is lost. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** A default says why it is one. */
  private static final String DEFAULTED = "default_explanation";
  private static final String NO_ROOM = "No room";

  /** No two of this JVM ask alike. */
  private static final AtomicInteger LOADS = new AtomicInteger();

  private final InetSocketAddress address;
  private final byte[] request;
  private final Duration pause;
  private long count;

  /**
   * @param numbers of the application's input, which are doubles
   * @param pause between looks at what is due: latencies are longer by as much at most, and a longer one leaves more to the nodes
   */
  StreamLoad(InetSocketAddress address, String application, int numbers, Duration pause) {
    this.address = address;
    this.pause = pause;
    this.count = (long) LOADS.incrementAndGet() << Integer.SIZE;
    InferInputTensor.Builder input = InferInputTensor.newBuilder().setName("input").setDatatype("FP64").addShape(1).addShape(numbers);
    ByteString zeros = ByteString.copyFrom(new byte[numbers * Double.BYTES]);
    this.request = ModelInferRequest.newBuilder().setModelName(application).addInputs(input).addRawInputContents(zeros).build().toByteArray();
  }

  /** So many requests a second, evenly in time, over so many streams of one connection. */
  Answered open(int streams, double perSecond, Duration warmUp, Duration measured) throws IOException, InterruptedException {
    ManagedChannel channel = NettyChannelBuilder.forAddress(address).usePlaintext().directExecutor().build();
    try {
      long start = System.nanoTime();
      long from = start + warmUp.toNanos();
      long end = from + measured.toNanos();
      Answered answered = Answered.within(measured);
      Lane[] lanes = IntStream.range(0, streams).mapToObj(lane -> new Lane(channel, answered, from, end)).toArray(Lane[]::new);
      double gap = 1e9 / perSecond;
      double due = start;
      for (long now = start; now < end; now = System.nanoTime()) {
        int full = 0;
        while (due <= now && full < streams) {
          Lane lane = lanes[(int) (count % streams)];
          if (lane.room.tryAcquire()) {
            lane.send(next(), (long) due);
            due += gap;
            full = 0;
          } else {
            count++;
            full++;
          }
        }
        LockSupport.parkNanos(pause.toNanos());
      }
      for (Lane lane : lanes) {
        lane.end();
      }
      return answered;
    } finally {
      channel.shutdownNow().awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** No two alike, so that nothing is cached. The last field's bytes are the message's last. */
  private byte[] next() {
    byte[] own = request.clone();
    ByteBuffer.wrap(own).order(ByteOrder.LITTLE_ENDIAN).putDouble(own.length - Double.BYTES, (double) count++);
    return own;
  }

  /** One stream, which is answered in the order of its requests. */
  private static final class Lane implements StreamObserver<byte[]> {
    private static final MethodDescriptor<byte[], byte[]> METHOD = InferAsker.method("ModelStreamInfer", MethodDescriptor.MethodType.BIDI_STREAMING);

    private final Semaphore room = new Semaphore(WINDOW);
    /** When those were due that are not answered. */
    private final Queue<Long> due = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Answered answered;
    private final long from;
    private final long end;
    private final StreamObserver<byte[]> requests;

    Lane(ManagedChannel channel, Answered answered, long from, long end) {
      this.answered = answered;
      this.from = from;
      this.end = end;
      this.requests = ClientCalls.asyncBidiStreamingCall(channel.newCall(METHOD, CallOptions.DEFAULT), this);
    }

    void send(byte[] request, long dueAt) {
      due.add(dueAt);
      requests.onNext(request);
    }

    @Override
    public void onNext(byte[] answer) {
      long now = System.nanoTime();
      Long dueAt = due.remove();
      if (dueAt - from >= 0 && dueAt - end < 0) {
        kind(answer).recordValue((now - dueAt) / 1000);
      }
      room.release();
    }

    /** A query that is answered by an error has no answer in time. */
    private Histogram kind(byte[] answer) {
      try {
        ModelStreamInferResponse response = ModelStreamInferResponse.parseFrom(answer);
        InferParameter why = response.getInferResponse().getParametersMap().get(DEFAULTED);
        if (!response.getErrorMessage().isEmpty()) {
          return answered.late();
        }
        if (why == null) {
          return answered.right();
        }
        return why.getStringParam().contains(NO_ROOM) && !why.getStringParam().contains(Answered.GAVE_WAY) ? answered.refused() : answered.late();
      } catch (InvalidProtocolBufferException notOfTheProtocol) {
        return answered.late();
      }
    }

    @Override
    public void onError(Throwable thrown) {
      failure.set(thrown);
      room.release(WINDOW);
    }

    @Override
    public void onCompleted() {
      // All that was sent is answered, or end() says that it is not.
    }

    /** Once all that was sent is answered. */
    void end() throws IOException, InterruptedException {
      boolean all = room.tryAcquire(WINDOW, PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      if (!all || failure.get() != null) {
        throw new IOException("a stream ended with %d requests that have no answer".formatted(due.size()), failure.get());
      }
      requests.onCompleted();
    }
  }
}
