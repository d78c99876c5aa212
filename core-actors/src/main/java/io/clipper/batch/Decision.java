package io.clipper.batch;

/** What a controller wants done with what waits while the runtime is free. */
public sealed interface Decision {
  /** Sends that many rows, those with the earliest deadlines. */
  record Go(int rows) implements Decision {
    public Go {
      if (rows < 1) {
        throw new IllegalArgumentException("a batch of %d rows is none".formatted(rows));
      }
    }
  }

  /** Asks again at that moment, or when another row has come. */
  record WaitUntil(long nanos) implements Decision {}

  /** Gives up the row with the earliest deadline, and asks again: serving it would make more of the others late. */
  record DropFirst() implements Decision {
    static final DropFirst INSTANCE = new DropFirst();
  }
}
