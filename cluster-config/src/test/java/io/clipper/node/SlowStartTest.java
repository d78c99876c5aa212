package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlowStartTest {
  private final List<String> told = new ArrayList<>();
  private String waitsFor = "the database";

  @Test
  void whatLastsIsToldOnceAndWhatPassesIsNot() {
    try (SlowStart start = new SlowStart(() -> waitsFor, told::add)) {
      start.look();
      assertThat(told).isEmpty();
      start.look();
      start.look();
      assertThat(told).containsExactly("the database");

      waitsFor = "the catalog";
      start.look();
      waitsFor = "models to load: a:1, b:1";
      start.look();
      start.look();
      assertThat(told).containsExactly("the database", "models to load: a:1, b:1");
    }
  }
}
