package io.clipper.node.demo;

import io.clipper.node.terminal.LiveLines;
import io.clipper.node.terminal.ProgressBar;
import io.clipper.node.terminal.Table;
import io.clipper.node.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** The show as a progress bar and tables, drawn in place on a terminal, once at the end of each act elsewhere. */
public final class DigitsTable implements Watcher {
  /** Eyes do not read faster, and drawing must not be what is measured. */
  private static final long FRAME_NANOS = 100_000_000;
  /** The digits over which the accuracy "now" is taken. */
  private static final int RECENT = 50;

  private final LiveLines lines;
  private final LongSupplier nanoClock;
  private long lastFrame;

  public DigitsTable(Terminal terminal, LongSupplier nanoClock) {
    this.lines = new LiveLines(terminal);
    this.nanoClock = nanoClock;
    this.lastFrame = nanoClock.getAsLong() - FRAME_NANOS;
  }

  @Override
  public void sees(Scene scene) {
    Script script = scene.script();
    boolean actEnds =
        scene.digit() == script.sound() || scene.digit() == script.sound() + script.faulty() || scene.digit() == script.rows();
    long now = nanoClock.getAsLong();
    if (actEnds) {
      lines.last(frame(scene));
    } else if (now - lastFrame >= FRAME_NANOS) {
      lines.frame(frame(scene));
      lastFrame = now;
    }
  }

  @Override
  public void hears(String news) {
    lines.note("── " + news);
  }

  static List<String> frame(Scene scene) {
    int end = scene.digit();
    int recent = Math.max(0, end - RECENT);
    List<String> frame = new ArrayList<>();
    frame.add(ProgressBar.of((double) end / scene.script().rows(), "%d of %d digits".formatted(end, scene.script().rows())));
    Table models = new Table("", "right, all", "last " + RECENT, "weight");
    for (String model : Digits.MODELS) {
      models.row(
          model,
          percent(scene.learned().accuracy(model, 0, end)),
          percent(scene.learned().accuracy(model, recent, end)),
          scene.weights().containsKey(model) ? percent(scene.weights().getOrDefault(model, 0.0)) : "-");
    }
    models.row(Digits.APPLICATION, percent(scene.learned().accuracy(0, end)), percent(scene.learned().accuracy(recent, end)), "");
    models.row(DigitsDemo.UNIFORM, percent(scene.uniform().accuracy(0, end)), percent(scene.uniform().accuracy(recent, end)), "");
    frame.addAll(models.lines());
    StringBuilder agreement = new StringBuilder("right by agreement:");
    scene
        .learned()
        .byAgreement(0, end)
        .forEach((level, tally) -> agreement.append("  %d %%: %s of %d".formatted(level, percent(tally), tally.all())));
    frame.add(agreement.toString());
    frame.add(
        "digits: p50 %s, p99 %s, %d defaults    digits-uniform: p50 %s, p99 %s, %d defaults"
            .formatted(
                millis(scene.learned().micros(0.5)),
                millis(scene.learned().micros(0.99)),
                scene.learned().defaults(),
                millis(scene.uniform().micros(0.5)),
                millis(scene.uniform().micros(0.99)),
                scene.uniform().defaults()));
    return frame;
  }

  static String percent(Tally tally) {
    return tally.all() == 0 ? "-" : percent(tally.share());
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }

  private static String millis(long micros) {
    return String.format(Locale.ROOT, "%.1f ms", micros / 1000.0);
  }
}
