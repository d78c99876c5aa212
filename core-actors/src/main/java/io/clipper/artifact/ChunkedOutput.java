package io.clipper.artifact;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.Arrays;

/** Hands on what is written in chunks of one size; the last, which {@link #flush} hands on, is what is left. */
final class ChunkedOutput extends OutputStream {
  /** Takes a chunk; it may keep the bytes. */
  @FunctionalInterface
  interface Chunks {
    void take(int number, byte[] bytes) throws SQLException;
  }

  /** A chunk was not taken. */
  static final class ChunkFailed extends IOException {
    private static final long serialVersionUID = 1L;
    private final SQLException cause;

    ChunkFailed(SQLException cause) {
      super(cause);
      this.cause = cause;
    }

    SQLException cause() {
      return cause;
    }
  }

  private final byte[] chunk;
  private final Chunks to;
  private int filled;
  private int chunks;

  ChunkedOutput(int chunkBytes, Chunks to) {
    this.chunk = new byte[chunkBytes];
    this.to = to;
  }

  int chunks() {
    return chunks;
  }

  @Override
  public void write(int oneByte) throws IOException {
    write(new byte[] {(byte) oneByte}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int end = offset + length;
    while (from < end) {
      int part = Math.min(end - from, chunk.length - filled);
      System.arraycopy(bytes, from, chunk, filled, part);
      filled += part;
      from += part;
      if (filled == chunk.length) {
        handOn();
      }
    }
  }

  /** Ends the chunk that is begun. */
  @Override
  public void flush() throws IOException {
    if (filled > 0) {
      handOn();
    }
  }

  private void handOn() throws IOException {
    try {
      to.take(chunks, Arrays.copyOf(chunk, filled));
    } catch (SQLException failed) {
      throw new ChunkFailed(failed);
    }
    chunks++;
    filled = 0;
  }
}
