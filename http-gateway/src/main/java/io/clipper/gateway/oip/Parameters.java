package io.clipper.gateway.oip;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request's or a tensor's parameters by name; those that nobody here asks for pass unread. */
record Parameters(Map<String, Parameter> values) {
  static final Parameters NONE = new Parameters(Map.of());

  Parameters {
    values = Map.copyOf(values);
  }

  /** A whole number in that range; throws {@link Fault} for anything else under that name. */
  Optional<Long> whole(String name, long least, long most) {
    Parameter value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Parameter.Whole whole && whole.value() >= least && whole.value() <= most) {
      return Optional.of(whole.value());
    }
    throw wrong(name, value, "a whole number in %d..%d".formatted(least, most));
  }

  boolean flag(String name, boolean otherwise) {
    Parameter value = values.get(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Parameter.Flag flag) {
      return flag.value();
    }
    throw wrong(name, value, "a boolean");
  }

  Optional<String> text(String name) {
    Parameter value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Parameter.Text text) {
      return Optional.of(text.value());
    }
    throw wrong(name, value, "a string");
  }

  private static Fault wrong(String name, @Nullable Parameter value, String expected) {
    String found =
        switch (value) {
          case Parameter.Text text -> "a string";
          case Parameter.Whole whole -> Long.toString(whole.value());
          case Parameter.Real real -> Double.toString(real.value());
          case Parameter.Flag flag -> Boolean.toString(flag.value());
          case null -> "nothing";
        };
    return Fault.invalid("parameter '%s' is %s, not %s", name, found, expected);
  }
}
