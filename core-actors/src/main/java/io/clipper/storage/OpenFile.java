package io.clipper.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBase;
import org.jspecify.annotations.Nullable;

/** A file as H2 reads and writes it, by the channel beneath, which several threads may do at a time. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // H2's own looks for the place first, and so lets one in after the other
class OpenFile extends FileBase {
  private final FileChannel channel;

  OpenFile(FileChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read(ByteBuffer bytes) throws IOException {
    return channel.read(bytes);
  }

  @Override
  public int read(ByteBuffer bytes, long at) throws IOException {
    return channel.read(bytes, at);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return channel.write(bytes);
  }

  @Override
  public int write(ByteBuffer bytes, long at) throws IOException {
    return channel.write(bytes, at);
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public long position() throws IOException {
    return channel.position();
  }

  @Override
  public FileChannel position(long at) throws IOException {
    channel.position(at);
    return this;
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    channel.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    channel.force(metadata);
  }

  @Override
  public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return channel.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    channel.close();
  }
}
