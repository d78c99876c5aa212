package io.clipper.model.runtime.oip;

/** How many health checks in a row a server has left unanswered; one answer makes up for all. */
public record Health(int missed, int allowed) {
  public static Health unharmed(int allowed) {
    return new Health(0, allowed);
  }

  public Health after(boolean answered) {
    return new Health(answered ? 0 : missed + 1, allowed);
  }

  public boolean isLost() {
    return missed >= allowed;
  }
}
