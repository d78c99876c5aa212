package io.clipper.gateway.metrics;

import java.util.Locale;

/** What a request was written in; the label's value is the name in lower case. */
public enum Protocol {
  /** The original's paths. */
  CLIPPER,
  /** The Open Inference Protocol, over HTTP or gRPC, and the aliases beside it. */
  OIP;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
