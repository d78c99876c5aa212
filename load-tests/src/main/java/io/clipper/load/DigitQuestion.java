package io.clipper.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a server is asked over HTTP for the digit in a row of pixels.
 *
 * @param path where it is posted
 * @param body around the row's numbers, which commas separate
 * @param answer has the digit as its group
 */
record DigitQuestion(String path, String body, Pattern answer) {
  /** As applications of a node are asked, and others that take and give an object. */
  static DigitQuestion ofObject(String path) {
    return new DigitQuestion(path, "{\"input\":[%s]}", Pattern.compile("\"output\":(\\d)"));
  }

  byte[] about(String row) {
    return HttpLoad.post(path, body.formatted(row));
  }

  /** What each row is taken for. */
  List<Integer> digits(InetSocketAddress server, List<String> rows) throws IOException {
    List<Integer> digits = new ArrayList<>();
    try (HttpConnection connection = new HttpConnection(server)) {
      for (String row : rows) {
        String said = connection.post(path, body.formatted(row)).body().toString();
        Matcher found = answer.matcher(said);
        if (!found.find()) {
          throw new IOException("no digit in the answer: " + said);
        }
        digits.add(Integer.valueOf(found.group(1)));
      }
    }
    return digits;
  }

  /** The rows in turn, each a little different every time: nothing comes from a cache. */
  HttpLoad load(InetSocketAddress server, List<String> rows) {
    AtomicLong count = new AtomicLong();
    return new HttpLoad(
        server,
        () -> {
          long number = count.incrementAndGet();
          String pixels = rows.get((int) (number % rows.size()));
          return about(number * 1e-9 + pixels.substring(pixels.indexOf(',')));
        });
  }
}
