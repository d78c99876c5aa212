package io.clipper.gateway;

/** Characters as UTF-8, written where they are to stand. */
final class Utf8 {
  private Utf8() {}

  /** The number of bytes that the characters take, or −1 where half a surrogate pair is among them. */
  static int length(char[] text, int from, int to) {
    int length = 0;
    for (int i = from; i < to; i++) {
      char one = text[i];
      if (Character.isSurrogate(one)) {
        if (i + 1 == to || !Character.isSurrogatePair(one, text[i + 1])) {
          return -1;
        }
        i++;
        length += 4;
      } else {
        length += one < 0x80 ? 1 : one < 0x800 ? 2 : 3;
      }
    }
    return length;
  }

  /** Of characters that have a length. */
  static void encode(char[] text, int from, int to, byte[] bytes, int first) {
    int at = first;
    for (int i = from; i < to; i++) {
      char one = text[i];
      if (one < 0x80) {
        bytes[at++] = (byte) one;
      } else if (one < 0x800) {
        bytes[at++] = (byte) (0xC0 | (one >> 6));
        bytes[at++] = (byte) (0x80 | (one & 0x3F));
      } else if (Character.isSurrogate(one)) {
        int both = Character.toCodePoint(one, text[++i]);
        bytes[at++] = (byte) (0xF0 | (both >> 18));
        bytes[at++] = (byte) (0x80 | (both >> 12 & 0x3F));
        bytes[at++] = (byte) (0x80 | (both >> 6 & 0x3F));
        bytes[at++] = (byte) (0x80 | (both & 0x3F));
      } else {
        bytes[at++] = (byte) (0xE0 | (one >> 12));
        bytes[at++] = (byte) (0x80 | (one >> 6 & 0x3F));
        bytes[at++] = (byte) (0x80 | (one & 0x3F));
      }
    }
  }
}
