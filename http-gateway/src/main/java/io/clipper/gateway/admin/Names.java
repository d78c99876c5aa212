package io.clipper.gateway.admin;

import io.clipper.Refused;
import io.clipper.gateway.Clipper;
import io.clipper.model.Datatype;
import io.clipper.model.InputType;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What names and input types may look like, so that every one of them can be addressed. */
final class Names {
  /** First segments of paths that are not applications. */
  private static final Set<String> RESERVED = Set.of("v1", "v2", "admin", "metrics", "health", "ping", "invocations", "openapi.json");

  private static final int LONGEST = 128;
  private static final Pattern TENSOR = Pattern.compile("\\G\\s*([^:,\\[\\]]+):([A-Za-z0-9]+)\\[([-0-9,\\s]*)\\]\\s*(\\??)\\s*(?:,|$)");

  private Names() {}

  static String application(String name) {
    if (RESERVED.contains(name)) {
      throw invalid("application name '%s' is reserved".formatted(name));
    }
    return asked("application name", addressable("application name", name));
  }

  /** A model's name, its version or a label; {@code what} is the original's word for it. */
  static String model(String what, String name) {
    if (name.indexOf(',') >= 0 || name.indexOf(':') >= 0) {
      throw invalid("Invalid %s supplied: %s. Contains one of: ',', ':'".formatted(what, name));
    }
    return switch (what) {
      case "label" -> name;
      case "model version" -> addressable(what, name);
      default -> asked(what, addressable(what, name));
    };
  }

  /** A name by which the Open Inference Protocol's clients ask. */
  private static String asked(String what, String name) {
    if (name.endsWith(Clipper.ASKED_DIRECTLY)) {
      throw invalid("Invalid %s supplied: '%s'. NAME%s means the model NAME".formatted(what, name, Clipper.ASKED_DIRECTLY));
    }
    return name;
  }

  private static String addressable(String what, String name) {
    boolean unprintable = name.chars().anyMatch(Character::isISOControl);
    if (name.isBlank() || name.length() > LONGEST || name.indexOf('/') >= 0 || unprintable) {
      throw invalid("Invalid %s supplied: '%s'. It has 1 to %d characters, none of them '/' or a control character".formatted(what, name, LONGEST));
    }
    return name;
  }

  /**
   * One of the original's short names, or tensors as {@code name:DATATYPE[extents]}, with commas between them and a {@code ?} behind those
   * that an input may lack.
   */
  static Signature inputType(String text) {
    return InputType.named(text).map(InputType::signature).orElseGet(() -> checked(() -> tensors(text)));
  }

  private static Signature tensors(String text) {
    List<TensorSpec> tensors = new ArrayList<>();
    Matcher matcher = TENSOR.matcher(text);
    int end = 0;
    while (matcher.find()) {
      List<Long> shape = new ArrayList<>();
      for (String extent : matcher.group(3).isBlank() ? new String[0] : matcher.group(3).split(",", -1)) {
        shape.add(Long.parseLong(extent.strip()));
      }
      tensors.add(new TensorSpec(matcher.group(1).strip(), Datatype.named(matcher.group(2)), shape, !matcher.group(4).isEmpty()));
      end = matcher.end();
    }
    if (tensors.isEmpty() || end != text.length()) {
      throw invalid(
          "input type '%s' is not one of bytes, integers, floats, doubles, strings, nor tensors as name:DATATYPE[extents]".formatted(text));
    }
    return new Signature(tensors);
  }

  /** A value whose own check refuses what the client gave. */
  static <T> T checked(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException wrong) {
      throw invalid(String.valueOf(wrong.getMessage()));
    }
  }

  static Refused invalid(String message) {
    return new Refused(Refused.Reason.INVALID, message);
  }
}
