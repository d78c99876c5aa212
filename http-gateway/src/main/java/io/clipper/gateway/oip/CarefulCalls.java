package io.clipper.gateway.oip;

import com.google.protobuf.InvalidProtocolBufferException;
import io.clipper.gateway.Unexpected;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** Tells a client whose message cannot be read that it is so: by itself the server would end the call with UNKNOWN, as after a bug of ours. */
final class CarefulCalls implements ServerInterceptor {
  private CarefulCalls() {}

  /** The service with its messages read within the calls, where what they fail with is heard. */
  static ServerServiceDefinition of(ServerServiceDefinition service) {
    return ServerInterceptors.intercept(ServerInterceptors.useInputStreamMessages(service), new CarefulCalls());
  }

  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    return new Reading<>(call, next.startCall(call, headers));
  }

  private static final class Reading<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;
    private boolean refused;

    Reading(ServerCall<Q, ?> call, ServerCall.Listener<Q> listener) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      if (refused) {
        return;
      }
      try {
        super.onMessage(message);
      } catch (StatusRuntimeException failed) {
        if (!(failed.getCause() instanceof InvalidProtocolBufferException broken)) {
          throw failed;
        }
        refused = true;
        String words = "the message is none of %s: %s".formatted(call.getMethodDescriptor().getBareMethodName(), Unexpected.words(broken));
        call.close(Status.INVALID_ARGUMENT.withDescription(words), new Metadata());
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }
  }
}
