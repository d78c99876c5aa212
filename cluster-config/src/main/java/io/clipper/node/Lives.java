package io.clipper.node;

import io.clipper.Refused;

/** Is told what becomes of a node that joins its cluster again when it was cut off, on the thread that runs it. */
public interface Lives {
  /** Of each life that takes its time to serve: what it waits for, in words; told once, and again where it is something else. */
  void starts(String waitsFor);

  /** Of each life, as soon as the node serves. */
  void serves(ClipperNode node);

  /** Its cluster goes on without it; it joins again. */
  void cutOff();

  /** It cannot join again yet, and tries until it can; told once, and again where the cause is another. */
  void waits(Refused because);
}
