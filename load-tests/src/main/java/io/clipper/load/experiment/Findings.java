package io.clipper.load.experiment;

/** Takes what an experiment found out. */
public interface Findings {
  void line(String text);

  /** A promise with the figure it is about. */
  void bar(boolean held, String text);
}
