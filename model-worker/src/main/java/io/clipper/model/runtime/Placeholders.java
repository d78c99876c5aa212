package io.clipper.model.runtime;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a {@link RuntimeSpec.Command} leaves open in its words and its environment for the node that starts it. */
public final class Placeholders {
  /** A free port of the loopback address, the same each time: there the server is asked. */
  public static final String PORT = "port";
  /** The path of a Unix-domain socket, the same each time: there the server is asked. */
  public static final String SOCKET = "socket";
  /** Another free port each time, for what else the server listens on. */
  public static final String FREE_PORT = "free-port";
  public static final String NAME = "name";
  public static final String VERSION = "version";
  /** How many threads it is to compute with. */
  public static final String THREADS = "threads";

  private static final Set<String> KNOWN = Set.of(PORT, SOCKET, FREE_PORT, NAME, VERSION, THREADS);
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z-]+)}");

  private Placeholders() {}

  /** @param value of each placeholder, asked at every place in turn */
  public static String filled(String text, UnaryOperator<String> value) {
    return PLACEHOLDER.matcher(text).replaceAll(found -> Matcher.quoteReplacement(value.apply(found.group(1))));
  }

  /** Whether the server is asked at a socket of the file system. */
  public static boolean useSocket(List<String> texts) {
    return texts.stream().flatMap(text -> PLACEHOLDER.matcher(text).results()).anyMatch(found -> found.group(1).equals(SOCKET));
  }

  /** Throws {@link IllegalArgumentException} unless all are known and they say where the server is to listen. */
  static void check(List<String> texts) {
    Set<String> used = new TreeSet<>();
    for (String text : texts) {
      PLACEHOLDER.matcher(text).results().map((MatchResult found) -> found.group(1)).forEach(used::add);
    }
    used.stream()
        .filter(name -> !KNOWN.contains(name))
        .findFirst()
        .ifPresent(
            unknown -> {
              throw new IllegalArgumentException("a command has no {%s}; there are %s".formatted(unknown, new TreeSet<>(KNOWN)));
            });
    if (used.contains(PORT) == used.contains(SOCKET)) {
      throw new IllegalArgumentException("a command says by {port} or by {socket}, one of them, where its server is to listen");
    }
  }
}
