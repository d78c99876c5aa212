package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Unknown;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminBodyTest {
  @Test
  void asManyNamesAsAreAllowedPass() {
    assertThat(AdminBody.parse(bytes("{" + names(Unknown.MOST_NAMES - 1) + ",\"name\":\"m\"}")).string("name")).isEqualTo("m");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{%s}", "{\"other\":[{%s}]}"})
  void oneNameTooManyIsRefusedWhereverItStands(String around) {
    byte[] body = bytes(around.formatted(names(Unknown.MOST_NAMES + 1)));
    assertThatThrownBy(() -> AdminBody.parse(body)).isInstanceOf(JsonFault.class).hasMessage("JSON has more than 4096 names");
  }

  private static String names(int count) {
    return IntStream.range(0, count).mapToObj("\"n%d\":0"::formatted).collect(Collectors.joining(","));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
