package io.clipper.node.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.node.client.FakeNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.demo.Digits.Digit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpDemoNodeTest {
  private static final String DIGITS =
      "{\"name\":\"digits\",\"input_type\":\"floats\",\"default_output\":\"-1\",\"latency_slo_micros\":100000}";

  private final FakeNode fake = new FakeNode();
  private final NodeClient client = fake.client();
  private final HttpDemoNode node = new HttpDemoNode(client);

  @AfterEach
  void stop() {
    client.close();
    fake.close();
  }

  @Test
  void onlyTheLinksThatAreMissingAreMade() {
    fake.answers("/admin/get_application", DIGITS).answers("/admin/get_linked_models", "[\"a\"]").answers("/admin/add_model_links", "done");
    node.ensureUniform("digits-uniform", "digits", List.of("a", "b"));
    assertThat(fake.targets()).containsExactly("/admin/get_application", "/admin/get_linked_models", "/admin/add_model_links");
    assertThat(fake.asked().getLast().body()).isEqualTo("{\"app_name\":\"digits-uniform\",\"model_names\":[\"b\"]}");
  }

  @Test
  void withoutTheBundledApplicationTheCauseIsNamed() {
    fake.answers("/admin/get_application", "{}");
    assertThatThrownBy(() -> node.ensureUniform("digits-uniform", "digits", List.of())).hasMessageContaining("no application 'digits'");
  }

  @Test
  void aDigitIsAskedByItsPixelsAndJudgedByItsLabel() {
    fake.answers("/digits/predict", "{\"query_id\":5,\"output\":7,\"default\":false}").answers("/digits/update", "{\"observed\":true}");
    assertThat(node.predict("digits", new Digit("7", List.of(0, 16))).join().output()).isEqualTo("7");
    node.label("digits", 5, "7").join();
    assertThat(fake.asked()).extracting(FakeNode.Asked::body).containsExactly("{\"input\":[0,16]}", "{\"query_id\":5,\"label\":7}");
  }

  @Test
  void aBadVersionIsDeployedUnderANumberOfItsOwn() {
    fake.answers("/admin/get_all_models", "[{\"model_name\":\"m\",\"model_version\":\"2\",\"is_current_version\":true}]");
    fake.answers("/admin/deploy", "{}");
    assertThat(node.deploy("m", "bytes".getBytes(StandardCharsets.UTF_8))).isEqualTo("3");
    assertThat(fake.asked().getLast().target()).contains("name=m", "version=3");
  }

  @Test
  void whatWasLearnedIsTheWeightOfEachModel() {
    fake.answers("/admin/get_state", "{\"observations\":9,\"candidates\":[{\"model\":\"m\",\"version\":\"1\",\"weight\":0.25}]}");
    assertThat(node.learned("digits")).isEqualTo(new DemoNode.Learned(9, Map.of("m", 0.25)));
  }
}
