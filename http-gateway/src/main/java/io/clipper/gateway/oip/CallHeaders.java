package io.clipper.gateway.oip;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Optional;

/** Puts a call's headers where its handler finds them. */
final class CallHeaders implements ServerInterceptor {
  private static final Context.Key<Metadata> HEADERS = Context.key("headers");

  static Optional<String> get(String name) {
    Metadata headers = HEADERS.get();
    return headers == null ? Optional.empty() : Optional.ofNullable(headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
  }

  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    return Contexts.interceptCall(Context.current().withValue(HEADERS, headers), call, headers, next);
  }
}
