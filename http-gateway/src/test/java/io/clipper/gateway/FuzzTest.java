package io.clipper.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.clipper.gateway.TestGateway.Reply;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Whatever a client sends, it is answered, it is not answered with our fault, and the log stays quiet. */
class FuzzTest {
  private static final List<String> QUERIES =
      List.of(
          "{\"input\":[1.4,2.23,3.243242,0.3223424],\"context\":\"anna\",\"slo_micros\":1000,\"version\":\"1\"}",
          "{\"input_batch\":[[1,2],[10,20],[100,200]]}",
          "{\"input\":\"hello \\u00e4 \\ud83d\\ude00 world\"}",
          "{\"query_id\":3,\"label\":1.0,\"feedback_id\":\"x\"}",
          "{\"input\":{\"x\":[[1,2],[3,4]]}}");
  private static final List<String> ADMIN =
      List.of(
          "{\"name\":\"a\",\"input_type\":\"x:FP32[1,2]\",\"default_output\":\"4.3\",\"latency_slo_micros\":1000,\"policy_options\":{\"eta\":1}}",
          "{\"model_name\":\"m\",\"model_version\":\"4\",\"labels\":[\"l\"],\"input_type\":\"integers\",\"batch_size\":-1,\"container_name\":\"c\",\"model_data_path\":\"p\"}",
          "{\"app_name\":\"a\",\"model_names\":[\"m\"],\"context\":\"c\"}");
  private static final List<String> VERBS =
      List.of("add_app", "update_app", "delete_app", "add_model", "add_model_links", "get_state", "scale", "rollback", "get_model", "deploy?name=n");
  private static final String[] PIECES = {
    "\"", "{", "}", "[", "]", ",", ":", "1e999", "-", "null", "\\ud800", "\u0000", "9".repeat(1200), "[".repeat(70), "\"input\":", "true", ".5", "NaN"
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void noMutationOfAGoodBodyIsOurFault(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(log);
    try (TestGateway gateway = new TestGateway()) {
      for (String type : List.of("doubles", "strings", "ints", "bytes", "x:FP32[-1,2]")) {
        gateway.application("app-" + type.charAt(0), type);
      }
      for (int i = 0; i < 250; i++) {
        boolean admin = random.nextInt(4) == 0;
        URI uri =
            admin
                ? gateway.management("/admin/" + pick(VERBS, random))
                : gateway.queries("/app-" + "dsibx".charAt(random.nextInt(5)) + (random.nextInt(3) == 0 ? "/update" : "/predict"));
        byte[] body = mutated(pick(admin ? ADMIN : QUERIES, random), random);
        Reply reply = gateway.post(uri, body);
        assertThat(reply.status()).as("%s %s gave %s", uri, new String(body, StandardCharsets.UTF_8), reply.body()).isLessThan(500);
      }
    } finally {
      root.detachAppender(log);
    }
    assertThat(log.list).isEmpty();
  }

  private static byte[] mutated(String body, RandomGenerator random) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(bytes.length + 1);
      bytes =
          switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> joined(bytes, at, new byte[] {(byte) random.nextInt()}, Math.min(bytes.length, at + 1));
            case 2 -> joined(bytes, at, PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8), at);
            default -> joined(bytes, at, new byte[0], Math.min(bytes.length, at + 1 + random.nextInt(8)));
          };
    }
    return bytes;
  }

  private static byte[] joined(byte[] bytes, int head, byte[] middle, int tail) {
    byte[] joined = Arrays.copyOf(bytes, head + middle.length + bytes.length - tail);
    System.arraycopy(middle, 0, joined, head, middle.length);
    System.arraycopy(bytes, tail, joined, head + middle.length, bytes.length - tail);
    return joined;
  }

  private static String pick(List<String> of, RandomGenerator random) {
    return of.get(random.nextInt(of.size()));
  }
}
