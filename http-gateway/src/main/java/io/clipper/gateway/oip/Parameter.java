package io.clipper.gateway.oip;

/** A value that the protocol lets requests, tensors and answers carry beside their data. */
sealed interface Parameter {
  record Text(String value) implements Parameter {}

  record Whole(long value) implements Parameter {}

  /** Also a whole number beyond a long. */
  record Real(double value) implements Parameter {}

  record Flag(boolean value) implements Parameter {}
}
