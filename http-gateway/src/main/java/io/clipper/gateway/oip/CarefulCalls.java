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
        refused = true;
        call.close(status(failed), new Metadata());
      }
    }

    private Status status(StatusRuntimeException failed) {
      if (failed.getCause() instanceof InvalidProtocolBufferException broken) {
        String words = "the message is none of %s: %s".formatted(call.getMethodDescriptor().getBareMethodName(), Unexpected.words(broken));
        return Status.INVALID_ARGUMENT.withDescription(words);
      }
      if (failed.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
        // It became too large when it was unpacked.
        return failed.getStatus();
      }
      throw failed;
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }
  }
}
