package io.clipper.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class NodeProcessTest {
  private static final Pattern LAUNCHERS_FLAGS = Pattern.compile("CLIPPER_NODE_FLAGS:-([^}]+)}");

  /** Or what is measured is not what users get. */
  @Test
  void aNodeHasTheLaunchersOptions() throws IOException {
    List<String> launchers =
        LAUNCHERS_FLAGS.matcher(Files.readString(Path.of("..", "clipper"))).results().map(found -> found.group(1)).toList();

    assertThat(launchers).hasSize(1);
    assertThat(NodeProcess.FLAGS).endsWith(launchers.getFirst().split(" "));
  }
}
