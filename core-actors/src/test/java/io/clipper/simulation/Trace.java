package io.clipper.simulation;

/** A digest of all that was decided and what came of it, in order: two runs that differ anywhere differ in it. */
final class Trace {
  private long digest;

  void note(long... facts) {
    for (long fact : facts) {
      digest = (digest ^ (fact * 0x9E3779B97F4A7C15L + facts.length)) * 0xBF58476D1CE4E5B9L;
      digest ^= digest >>> 29;
    }
  }

  long digest() {
    return digest;
  }
}
