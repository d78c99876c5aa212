package io.clipper.node.terminal;

import java.util.List;

/** A block of lines at the end of the output that each frame replaces. Where nobody looks, only the last frame is printed. */
public final class LiveLines {
  private final Terminal terminal;
  private int drawn;

  public LiveLines(Terminal terminal) {
    this.terminal = terminal;
  }

  public void frame(List<String> lines) {
    if (terminal.interactive()) {
      draw(lines);
    }
  }

  /** The frame that stays. */
  public void last(List<String> lines) {
    draw(lines);
    drawn = 0;
  }

  /** A line above the block, that stays. */
  public void note(String line) {
    draw(List.of(line));
    drawn = 0;
  }

  private void draw(List<String> lines) {
    StringBuilder frame = new StringBuilder();
    if (drawn > 0) {
      // Up over the last frame, and clear to the end of the screen.
      frame.append("\033[%dA\033[J".formatted(drawn));
    }
    lines.forEach(line -> frame.append(line).append('\n'));
    terminal.out().print(frame);
    terminal.out().flush();
    drawn = lines.size();
  }
}
