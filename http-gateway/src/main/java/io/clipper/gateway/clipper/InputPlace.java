package io.clipper.gateway.clipper;

/**
 * Where in a request a tensor stands, for messages.
 *
 * @param item the place in {@code input_batch}, or −1 for {@code input}
 * @param tensor the tensor's name where an input has several, else empty
 */
record InputPlace(int item, String tensor) {
  static final InputPlace ONLY = new InputPlace(-1, "");

  static InputPlace item(int item) {
    return new InputPlace(item, "");
  }

  InputPlace named(String name) {
    return new InputPlace(item, name);
  }

  @Override
  public String toString() {
    String input = item < 0 ? "input" : "input_batch[%d]".formatted(item);
    return tensor.isEmpty() ? input : input + "." + tensor;
  }
}
