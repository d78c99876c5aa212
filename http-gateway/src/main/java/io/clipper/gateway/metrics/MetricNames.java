package io.clipper.gateway.metrics;

import io.clipper.cache.Lookups;
import io.clipper.replica.ReplicaMeters;

/**
 * The names of meters and of their labels. Micrometer's registry writes {@code clipper.requests} as {@code clipper_requests_total} and a
 * timer {@code clipper.request.duration} as {@code clipper_request_duration_seconds}.
 */
public final class MetricNames {
  /** Predictions and updates by {@link #APP}, {@link #PROTOCOL} and {@link #OUTCOME}: {@code clipper_requests_total}. */
  public static final String REQUESTS = "clipper.requests";

  /** From the body read to the answer at hand, by {@link #APP}: {@code clipper_request_duration_seconds}. */
  public static final String REQUEST_DURATION = "clipper.request.duration";

  /** Feedback by {@link #APP} and {@link #OUTCOME}: {@code clipper_feedback_total}. */
  public static final String FEEDBACK = "clipper.feedback";

  /** A model's time for a batch, by {@link #MODEL} and {@link #VERSION}: {@code clipper_compute_duration_seconds}. */
  public static final String COMPUTE_DURATION = ReplicaMeters.COMPUTE_DURATION;

  /** Inputs in a batch, by {@link #MODEL} and {@link #VERSION}: {@code clipper_batch_size}. */
  public static final String BATCH_SIZE = ReplicaMeters.BATCH_SIZE;

  /** When a model's last batch came back, in seconds since 1970, by {@link #MODEL} and {@link #VERSION}: {@code clipper_last_inference_seconds}. */
  public static final String LAST_INFERENCE = ReplicaMeters.LAST_INFERENCE;

  /** Rows' time in a model's queue, by {@link #MODEL} and {@link #VERSION}: {@code clipper_queue_duration_seconds}. */
  public static final String QUEUE_DURATION = ReplicaMeters.QUEUE_DURATION;

  /** Cache lookups by {@link #MODEL}, {@link #VERSION} and {@link #RESULT}: {@code clipper_cache_lookups_total}. */
  public static final String CACHE_LOOKUPS = Lookups.NAME;

  public static final String APP = "app";
  public static final String PROTOCOL = "protocol";
  public static final String OUTCOME = "outcome";
  public static final String MODEL = "model_name";
  public static final String VERSION = "model_version";
  public static final String RESULT = "result";

  /** The value of {@link #APP} for requests that name no application there is: a client does not choose labels. */
  public static final String UNKNOWN = "";

  private MetricNames() {}
}
