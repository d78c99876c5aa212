package io.clipper.load;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Bodies of requests to an application of doubles; no two inputs are alike, so that nothing is cached. */
final class Requests {
  private static final int USUAL = 10;

  private final AtomicLong count = new AtomicLong();
  private final String rest;

  /** Of ten numbers. */
  Requests() {
    this(USUAL);
  }

  Requests(int numbers) {
    this.rest = IntStream.range(1, numbers).mapToObj(number -> "," + number + ".0").collect(Collectors.joining("", ".5", "]}"));
  }

  String predict() {
    return "{\"input\":[" + count.incrementAndGet() + rest;
  }

  /** For one user, session or device. */
  String predict(String context) {
    return predict().replace("}", ",\"context\":\"" + context + "\"}");
  }

  static String update(long queryId, String label) {
    return "{\"query_id\":" + queryId + ",\"label\":" + label + "}";
  }
}
