package io.clipper.load;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Bodies of requests to an application of doubles; no two inputs are alike, so that nothing is cached. */
final class Requests {
  private final AtomicLong count = new AtomicLong();

  String predict() {
    long n = count.incrementAndGet();
    return String.format(Locale.ROOT, "{\"input\":[%d.5,1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0]}", n);
  }

  /** For one user, session or device. */
  String predict(String context) {
    return predict().replace("}", ",\"context\":\"" + context + "\"}");
  }

  static String update(long queryId, String label) {
    return "{\"query_id\":" + queryId + ",\"label\":" + label + "}";
  }
}
