package io.clipper.node.demo;

/**
 * How many digits each act takes.
 *
 * @param sound with the models that the node started with
 * @param faulty after most of them got a bad version
 * @param settle how many of those are not counted: the ensemble may take so long to notice
 * @param restored after the rollback
 */
public record Script(int sound, int faulty, int settle, int restored) {
  /** Together the bundled rows, each once. */
  public static final Script BUNDLED = new Script(300, 350, 50, 100);

  public Script {
    if (sound < 1 || settle < 1 || faulty <= settle || restored < 1) {
      throw new IllegalArgumentException("an act without digits: %d, %d after %d, %d".formatted(sound, faulty, settle, restored));
    }
  }

  public int rows() {
    return sound + faulty + restored;
  }
}
