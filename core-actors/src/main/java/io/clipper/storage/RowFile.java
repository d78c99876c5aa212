package io.clipper.storage;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tables as bytes that no dialect shows in: what one database wrote, another reads. The stream ends with a mark, so that a cut one is noticed. */
public final class RowFile implements RowSink {
  private static final int END = 0;
  private static final int TABLE = 'T';
  private static final int ROW = 'R';
  private static final int NULL = '-';
  private static final int NUMBER = 'n';
  private static final int FLAG = 'f';
  private static final int TEXT = 's';
  private static final int BYTES = 'b';

  private final DataOutputStream out;

  public RowFile(OutputStream out) {
    this.out = new DataOutputStream(out);
  }

  /** Reads until the end mark. */
  public static Rows in(InputStream bytes) {
    return sink -> read(new DataInputStream(bytes), sink);
  }

  @Override
  public void table(String name, List<String> columns) throws IOException {
    out.write(TABLE);
    out.writeUTF(name);
    out.writeShort(columns.size());
    for (String column : columns) {
      out.writeUTF(column);
    }
  }

  @Override
  public void row(@Nullable Object[] values) throws IOException {
    out.write(ROW);
    for (Object value : values) {
      write(value);
    }
  }

  /** After the last row; the caller closes the stream. */
  public void end() throws IOException {
    out.write(END);
    out.flush();
  }

  private void write(@Nullable Object value) throws IOException {
    switch (value) {
      case null -> out.write(NULL);
      case Long number -> {
        out.write(NUMBER);
        out.writeLong(number);
      }
      case Boolean flag -> {
        out.write(FLAG);
        out.writeBoolean(flag);
      }
      case String text -> writeBlock(TEXT, text.getBytes(StandardCharsets.UTF_8));
      case byte[] block -> writeBlock(BYTES, block);
      default -> throw new IllegalStateException("a value of " + value.getClass());
    }
  }

  private void writeBlock(int kind, byte[] block) throws IOException {
    out.write(kind);
    out.writeInt(block.length);
    out.write(block);
  }

  private static void read(DataInputStream in, RowSink sink) throws IOException, SQLException {
    int columns = 0;
    for (int mark = in.readUnsignedByte(); mark != END; mark = in.readUnsignedByte()) {
      switch (mark) {
        case TABLE -> {
          String name = in.readUTF();
          List<String> names = new ArrayList<>();
          for (int left = in.readUnsignedShort(); left > 0; left--) {
            names.add(in.readUTF());
          }
          columns = names.size();
          sink.table(name, names);
        }
        case ROW -> {
          @Nullable Object[] values = new @Nullable Object[columns];
          for (int column = 0; column < columns; column++) {
            values[column] = value(in);
          }
          sink.row(values);
        }
        default -> throw new IOException("no table and no row begins with %d".formatted(mark));
      }
    }
    // Also has an archive compare its checksum.
    if (in.read() >= 0) {
      throw new IOException("something follows the last row");
    }
  }

  private static @Nullable Object value(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case NULL -> null;
      case NUMBER -> in.readLong();
      case FLAG -> in.readBoolean();
      case TEXT -> new String(block(in), StandardCharsets.UTF_8);
      case BYTES -> block(in);
      default -> throw new IOException("no value begins with %d".formatted(kind));
    };
  }

  private static byte[] block(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] block = in.readNBytes(length);
    if (block.length < length) {
      throw new IOException("the rows end within a value");
    }
    return block;
  }
}
