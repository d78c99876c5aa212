package io.clipper.gateway.oip;

import java.util.Optional;

/**
 * One output that a request names.
 *
 * @param classification how many of the highest classes are asked for in place of the values
 * @param binary whether the values are to follow the JSON; of no meaning over gRPC
 */
record RequestedOutput(String name, Optional<Integer> classification, boolean binary) {
  private static final int MOST_CLASSES = 1 << 20;

  static RequestedOutput of(String name, Parameters parameters, boolean binaryByDefault) {
    if (parameters.values().containsKey("shared_memory_region")) {
      throw new Fault(Fault.Kind.UNSUPPORTED, "output '%s' asks for shared memory, which this server does not have".formatted(name));
    }
    return new RequestedOutput(
        name, parameters.whole("classification", 0, MOST_CLASSES).filter(classes -> classes > 0).map(Long::intValue), parameters.flag("binary_data", binaryByDefault));
  }
}
