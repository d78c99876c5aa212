package io.clipper.gateway;

/** Whether a node takes queries, and what it waits for when it does not. */
public sealed interface Readiness {
  record Ready() implements Readiness {}

  record NotReady(String reason) implements Readiness {}
}
