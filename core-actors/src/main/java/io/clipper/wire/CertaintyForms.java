package io.clipper.wire;

import io.clipper.application.LearnedState.Assured;
import io.clipper.certainty.Certainty;
import io.clipper.certainty.Certainty.PredictionInterval;
import io.clipper.certainty.Certainty.PredictionSet;
import io.clipper.change.Changed;

/** How sure an answer is, and what was noticed of the models, inside of other forms. */
final class CertaintyForms {
  private CertaintyForms() {}

  static void certainty(WireOutput out, Certainty certainty) {
    switch (certainty) {
      case PredictionSet set -> {
        out.writeByte(0);
        out.list(set.classes(), WireOutput::text);
        out.writeBoolean(set.whole());
        out.writeBoolean(set.calibrated());
      }
      case PredictionInterval interval -> {
        out.writeByte(1);
        out.writeDouble(interval.low());
        out.writeDouble(interval.high());
        out.writeBoolean(interval.calibrated());
      }
    }
  }

  static Certainty certainty(WireInput in) {
    return isSecond(in)
        ? new PredictionInterval(in.readDouble(), in.readDouble(), in.readBoolean())
        : new PredictionSet(in.list(WireInput::text), in.readBoolean(), in.readBoolean());
  }

  static void assured(WireOutput out, Assured assured) {
    out.optional(assured.wanted());
    out.optional(assured.coverage());
    out.writeDouble(assured.least());
    out.writeDouble(assured.most());
    out.optional(assured.meanSize());
    out.longCount(assured.unbounded());
    out.longCount(assured.labels());
    out.optional(assured.labelled());
  }

  static Assured assured(WireInput in) {
    return new Assured(
        in.optionalDouble(),
        in.optionalDouble(),
        in.readDouble(),
        in.readDouble(),
        in.optionalDouble(),
        in.longCount(),
        in.longCount(),
        in.optionalDouble());
  }

  static void changed(WireOutput out, Changed changed) {
    switch (changed) {
      case Changed.Worsened worsened -> {
        out.writeByte(0);
        ModelForms.model(out, worsened.model());
      }
      case Changed.DataDrift drift -> out.writeByte(1);
    }
    out.writeDouble(changed.before());
    out.writeDouble(changed.after());
    out.longCount(changed.labels());
  }

  static Changed changed(WireInput in) {
    return isSecond(in)
        ? new Changed.DataDrift(in.readDouble(), in.readDouble(), in.longCount())
        : new Changed.Worsened(ModelForms.model(in), in.readDouble(), in.readDouble(), in.longCount());
  }

  private static boolean isSecond(WireInput in) {
    int kind = in.readByte();
    if (kind != 0 && kind != 1) {
      throw new IllegalArgumentException("kind %d is not known".formatted(kind));
    }
    return kind == 1;
  }
}
