package io.clipper.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One connection that stays open, and whoever waits on it for each answer. */
final class HttpConnection implements AutoCloseable {
  /** Longer than the server keeps anyone waiting. */
  private static final int TIMEOUT_MILLIS = 30_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  record Answer(int status, JsonNode body) {
    boolean isOk() {
      return status == 200;
    }
  }

  private final Socket socket;
  private final InputStream in;

  HttpConnection(InetSocketAddress address) throws IOException {
    this(address, TIMEOUT_MILLIS);
  }

  /** @param timeoutMillis after which an answer is waited for no longer */
  HttpConnection(InetSocketAddress address, int timeoutMillis) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(timeoutMillis);
    in = new BufferedInputStream(socket.getInputStream());
  }

  Answer post(String path, String json) throws IOException {
    return send(HttpLoad.post(path, json));
  }

  Answer post(String path, byte[] body) throws IOException {
    return send(HttpLoad.post(path, body));
  }

  Answer get(String path) throws IOException {
    return send("GET %s HTTP/1.1\r\nHost: clipper\r\n\r\n".formatted(path).getBytes(StandardCharsets.US_ASCII));
  }

  private Answer send(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    String status = line();
    int length = 0;
    boolean text = false;
    boolean inPieces = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(header.substring("content-length:".length()).strip());
      }
      inPieces |= header.equalsIgnoreCase("transfer-encoding: chunked");
      text |= header.toLowerCase(Locale.ROOT).startsWith("content-type: text/");
    }
    byte[] body = inPieces ? pieces() : in.readNBytes(length);
    JsonNode read = text ? TextNode.valueOf(new String(body, StandardCharsets.UTF_8)) : JSON.readTree(body);
    return new Answer(Integer.parseInt(status.substring(9, 12)), read);
  }

  private byte[] pieces() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      body.write(in.readNBytes(size));
      line();
    }
    line();
    return body.toByteArray();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
