package io.clipper.gateway.oip;

import io.clipper.gateway.Clipper;
import io.clipper.gateway.Readiness;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorSystem;

/** The standard health service: the node's readiness, for the server as a whole and for the inference service. */
final class HealthService extends HealthGrpc.HealthImplBase {
  /** How soon a watcher hears of a change. */
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final Clipper clipper;
  private final ActorSystem<?> system;

  HealthService(Clipper clipper, ActorSystem<?> system) {
    this.clipper = clipper;
    this.system = system;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    if (!isKnown(request.getService())) {
      observer.onError(Status.NOT_FOUND.withDescription("unknown service '%s'".formatted(request.getService())).asRuntimeException());
      return;
    }
    observer.onNext(response(status()));
    observer.onCompleted();
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    ServerCallStreamObserver<HealthCheckResponse> caller = (ServerCallStreamObserver<HealthCheckResponse>) observer;
    boolean known = isKnown(request.getService());
    AtomicReference<ServingStatus> told = new AtomicReference<>(ServingStatus.UNKNOWN);
    Consumer<ServingStatus> tell =
        status -> {
          if (told.getAndSet(status) != status && !caller.isCancelled()) {
            caller.onNext(response(status));
          }
        };
    tell.accept(known ? status() : ServingStatus.SERVICE_UNKNOWN);
    Cancellable ticks =
        system
            .scheduler()
            .scheduleWithFixedDelay(PERIOD, PERIOD, () -> tell.accept(known ? status() : ServingStatus.SERVICE_UNKNOWN), system.executionContext());
    caller.setOnCancelHandler(ticks::cancel);
  }

  private ServingStatus status() {
    return clipper.live() && clipper.ready() instanceof Readiness.Ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private static boolean isKnown(String service) {
    return service.isEmpty() || service.equals(GRPCInferenceServiceGrpc.SERVICE_NAME);
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }
}
