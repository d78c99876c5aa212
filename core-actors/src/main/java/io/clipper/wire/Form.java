package io.clipper.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/**
 * How one type is written, field by field.
 *
 * @param number the type's own for all time
 * @param since the first version of the forms that writes it so
 */
record Form<T>(int number, int since, Class<T> type, Writing<T> writing, Reading<T> reading) {
  /** One that every version has so far. */
  Form(int number, Class<T> type, Writing<T> writing, Reading<T> reading) {
    this(number, WireSerializer.OLDEST_VERSION, type, writing, reading);
  }

  /** Writes a value's fields. */
  @FunctionalInterface
  interface Writing<T> {
    void write(WireOutput out, T value);
  }

  /** Reads them back in the same order. */
  @FunctionalInterface
  interface Reading<T> {
    T read(WireInput in);
  }

  void registerIn(Kryo kryo) {
    kryo.register(
        type,
        new Serializer<T>(false, true) {
          @Override
          public void write(Kryo owner, Output output, T value) {
            writing.write((WireOutput) output, value);
          }

          @Override
          public T read(Kryo owner, Input input, Class<? extends T> asked) {
            return reading.read((WireInput) input);
          }
        },
        number);
  }
}
