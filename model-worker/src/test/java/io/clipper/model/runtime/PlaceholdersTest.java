package io.clipper.model.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlaceholdersTest {
  @Test
  void eachPlaceIsAskedForInTurnAndTheRestStays() {
    List<String> asked = new ArrayList<>();

    String filled =
        Placeholders.filled(
            "{free-port}-{name}:{free-port} {\"a\": 1} {} ${HOME}",
            name -> {
              asked.add(name);
              return "$" + asked.size();
            });

    assertThat(filled).isEqualTo("$1-$2:$3 {\"a\": 1} {} ${HOME}");
    assertThat(asked).containsExactly("free-port", "name", "free-port");
  }

  @Test
  void aCommandSaysOnceWhereItsServerListens() {
    assertThatCode(() -> command(List.of("serve", "--port={port}", "{port}"), Map.of())).doesNotThrowAnyException();
    assertThatCode(() -> command(List.of("serve"), Map.of("SOCKET", "unix:{socket}"))).doesNotThrowAnyException();

    assertThatIllegalArgumentException().isThrownBy(() -> command(List.of("serve"), Map.of())).withMessageContaining("{port} or by {socket}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> command(List.of("serve", "{port}"), Map.of("SOCKET", "{socket}")))
        .withMessageContaining("one of them");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> command(List.of("serve", "{prot}"), Map.of()))
        .withMessage("a command has no {prot}; there are [free-port, name, port, socket, threads, version]");
    assertThatIllegalArgumentException().isThrownBy(() -> command(List.of(), Map.of())).withMessage("a command names a program");
  }

  @Test
  void aCommandIsOfOneMachineAndGathersForItselfWhereItSaysSo() {
    RuntimeSpec.Command command = command(List.of("serve", "{port}"), Map.of());

    assertThat(command.tiedTo()).isEmpty();
    assertThat(command.at("lab-7").tiedTo()).contains("lab-7");
    assertThat(command.passesThrough()).isTrue();
    assertThat(command.runsInProcess()).isFalse();
  }

  private static RuntimeSpec.Command command(List<String> words, Map<String, String> environment) {
    WorkerOptions worker = new WorkerOptions(environment, Optional.empty(), Optional.empty());
    return new RuntimeSpec.Command(words, Optional.empty(), "", "", Optional.empty(), true, worker, Optional.empty());
  }
}
