package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The original's management tests of applications and links, over HTTP, and what this server adds. */
class ApplicationVerbsTest {
  private static final String ADD =
      "{\"name\":\"myappname\",\"input_type\":\"integers\",\"default_output\":\"4.3\",\"latency_slo_micros\":1000}";

  private final TestGateway gateway = new TestGateway();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void anApplicationIsAddedOnce() {
    Reply added = gateway.admin("add_app", ADD);
    assertThat(added.status()).isEqualTo(200);
    assertThat(added.body()).isEqualTo("Successfully added application with name 'myappname'");
    refused("add_app", ADD, "application 'myappname' already exists");
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "input_type", "default_output", "latency_slo_micros"})
  void aMissingFieldIsNamed(String field) {
    Reply reply = gateway.admin("add_app", ADD.replace("\"" + field + "\"", "\"other\""));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).startsWith("Error parsing JSON: JSON object does not have required key: " + field + ". Expected JSON schema: {");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": myappname", "[]", "{\"name\":1}", "{} {}", "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"name\":\"a\",\"input_type\":\"doubles\",\"default_output\":\"\",\"latency_slo_micros\":1.5}",
        "{\"name\":\"a\",\"input_type\":\"doubles\",\"default_output\":\"\",\"latency_slo_micros\":3000000000}"
      })
  void whatIsNotTheJsonAskedForIsABadRequestInPlainText(String body) {
    Reply reply = gateway.admin("add_app", body);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.header("Content-Type")).startsWith("text/plain");
    assertThat(reply.body()).startsWith("Error parsing JSON: ");
  }

  @Test
  void anUnknownInputTypeIsABadRequest() {
    Reply reply = gateway.admin("add_app", ADD.replace("integers", "nonsense"));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).startsWith("input type 'nonsense' is not one of bytes, integers, floats, doubles, strings");
  }

  @ParameterizedTest
  @ValueSource(strings = {"admin", "metrics", "v2", "openapi.json", "", "a/b", " "})
  void aNameThatCannotBeAddressedIsRefused(String name) {
    assertThat(gateway.admin("add_app", ADD.replace("myappname", name)).status()).isEqualTo(400);
    assertThat(gateway.clipper.applications()).isEmpty();
  }

  @Test
  void aNameHasAtMost128Characters() {
    String longest = "n".repeat(128);
    TestGateway.expectOk(gateway.admin("add_app", ADD.replace("myappname", longest)));
    refused(
        "add_app",
        ADD.replace("myappname", longest + "n"),
        "Invalid application name supplied: '%sn'. It has 1 to 128 characters, none of them '/' or a control character".formatted(longest));
  }

  @Test
  void anObjectiveOfNothingIsRefused() {
    refused("add_app", ADD.replace("1000", "0"), "latency_slo_micros 0 is not above 0");
    refused("add_app", ADD.replace("myappname", "forest@model"), "Invalid application name supplied: 'forest@model'. NAME@model means the model NAME");
  }

  @Test
  void anApplicationIsShownWithItsLinksUntilItIsDeleted() {
    gateway.admin("add_app", ADD);
    JsonNode shown = gateway.admin("get_application", "{\"name\":\"myappname\"}").json();
    assertThat(shown.get("name").asText()).isEqualTo("myappname");
    assertThat(shown.get("input_type").asText()).isEqualTo("integers");
    assertThat(shown.get("default_output").asText()).isEqualTo("4.3");
    assertThat(shown.get("latency_slo_micros").intValue()).isEqualTo(1000);
    assertThat(shown.get("linked_models")).isEmpty();
    gateway.model("mymodelname", "1", "ints");
    gateway.link("myappname", "mymodelname");
    assertThat(gateway.admin("get_application", "{\"name\":\"myappname\"}").json().get("linked_models").toString()).isEqualTo("[\"mymodelname\"]");
    assertThat(gateway.admin("delete_app", "{\"name\":\"myappname\"}").body()).isEqualTo("Successfully deleted application with name 'myappname'");
    assertThat(gateway.admin("get_application", "{\"name\":\"myappname\"}").body()).isEqualTo("{}");
    refused("delete_app", "{\"name\":\"myappname\"}", "Application 'myappname' does not exist");
  }

  @Test
  void aNameThatIsNoStringIsABadRequest() {
    assertThat(gateway.admin("get_application", "{\"app\": not a string}").status()).isEqualTo(400);
  }

  @Test
  void allApplicationsAreShownByNameOrInFull() {
    assertThat(gateway.admin("get_all_applications", "{\"verbose\":true}").body()).isEqualTo("[]");
    gateway.application("a", "doubles");
    gateway.application("b", "strings");
    assertThat(gateway.admin("get_all_applications", "{\"verbose\":false}").body()).isEqualTo("[\"a\",\"b\"]");
    assertThat(gateway.admin("get_all_applications", "").body()).isEqualTo("[\"a\",\"b\"]");
    JsonNode all = gateway.admin("get_all_applications", "{\"verbose\":true}").json();
    assertThat(all.get(1).get("input_type").asText()).isEqualTo("strings");
    assertThat(gateway.admin("get_all_applications", "{\"verbose\":\"yes\"}").status()).isEqualTo(400);
    assertThat(gateway.admin("get_all_applications", "{\"verbose\":tr").status()).isEqualTo(400);
  }

  @Test
  void linksAreMadeOnceAndTakenBack() {
    gateway.application("a", "ints");
    gateway.model("m", "1", "integers");
    assertThat(gateway.admin("get_linked_models", "{\"app_name\":\"a\"}").body()).isEqualTo("[]");
    assertThat(gateway.link("a", "m").body()).isEqualTo("Successfully linked model with name 'm' to application 'a'");
    assertThat(gateway.admin("get_linked_models", "{\"app_name\":\"a\"}").body()).isEqualTo("[\"m\"]");
    refused("add_model_links", "{\"app_name\":\"a\",\"model_names\":[\"m\"]}", "The model with name 'm' is already linked to 'a'");
    assertThat(gateway.admin("delete_model_links", "{\"app_name\":\"a\",\"model_names\":[\"m\"]}").body()).isEqualTo("Success!");
    refused(
        "delete_model_links", "{\"app_name\":\"a\",\"model_names\":[\"m\"]}", "Cannot remove nonexistent link between app a and model m");
  }

  @Test
  void severalModelsAreLinkedAtOnce() {
    gateway.application("a", "ints");
    gateway.model("m", "1", "i");
    gateway.model("n", "1", "int");
    assertThat(gateway.admin("add_model_links", "{\"app_name\":\"a\",\"model_names\":[\"m\",\"n\"]}").body())
        .isEqualTo("Successfully linked models with names 'm', 'n' to application 'a'");
  }

  @Test
  void aLinkThatCannotBeIsRefusedInTheOriginalsWords() {
    refused("add_model_links", "{\"app_name\":\"a\",\"model_names\":[\"m\"]}", "No app with name 'a' exists.");
    refused("add_model_links", "{\"app_name\":\"a\",\"model_names\":[]}", "No app with name 'a' exists.");
    refused("delete_model_links", "{\"app_name\":\"a\",\"model_names\":[\"m\"]}", "No app with name a exists.");
    refused("get_linked_models", "{\"app_name\":\"a\"}", "No application with name 'a' exists.");
    gateway.application("a", "ints");
    refused("add_model_links", "{\"app_name\":\"a\",\"model_names\":[\"m\"]}", "No model with name 'm' exists.");
    refused(
        "add_model_links",
        "{\"app_name\":\"a\",\"model_names\":[]}",
        "Please provide the name of the model that you want to link to the application 'a'");
    gateway.model("m", "1", "doubles");
    refused(
        "add_model_links",
        "{\"app_name\":\"a\",\"model_names\":[\"m\"]}",
        "Model with name 'm' has incompatible input_type 'doubles'. Requested app to link to has input_type 'integers'.");
    assertThat(gateway.admin("add_model_links", "{\"app_name\":\"a\"}").body()).contains("required key: model_names");
    assertThat(gateway.admin("add_model_links", "{\"app_name\":\"a\",\"model_names\":[1]}").status()).isEqualTo(400);
    assertThat(gateway.admin("add_model_links", "{\"app_name\"").status()).isEqualTo(400);
    assertThat(gateway.admin("get_linked_models", "{\"app_name\"").status()).isEqualTo(400);
  }

  @Test
  void learningSettingsAreTakenShownAndUpdated() {
    String learning = ",\"policy\":\"exp4\",\"policy_options\":{\"eta\":0.5},\"combiner\":\"stacking\",\"combiner_options\":{\"rate\":0.2},\"coverage\":0.9,\"calibration\":\"platt\",\"watch\":\"adwin\",\"confidence_threshold\":0.7,\"max_asked\":4}";
    TestGateway.expectOk(gateway.admin("add_app", ADD.substring(0, ADD.length() - 1) + learning));
    assertThat(gateway.admin("update_app", "{\"name\":\"myappname\",\"latency_slo_micros\":2000,\"default_output\":-1,\"shadow\":0.1}").body())
        .isEqualTo("Successfully updated application with name 'myappname'");
    JsonNode shown = gateway.admin("get_application", "{\"name\":\"myappname\"}").json();
    assertThat(shown.get("policy").asText()).isEqualTo("exp4");
    assertThat(shown.at("/policy_options/eta").doubleValue()).isEqualTo(0.5);
    assertThat(shown.get("combiner").asText()).isEqualTo("stacking");
    assertThat(shown.at("/combiner_options/rate").doubleValue()).isEqualTo(0.2);
    assertThat(shown.get("coverage").doubleValue()).isEqualTo(0.9);
    assertThat(shown.get("calibration").asText()).isEqualTo("platt");
    assertThat(shown.get("watch").asText()).isEqualTo("adwin");
    assertThat(shown.get("confidence_threshold").doubleValue()).isEqualTo(0.7);
    assertThat(shown.get("max_asked").intValue()).isEqualTo(4);
    assertThat(shown.get("latency_slo_micros").intValue()).isEqualTo(2000);
    assertThat(shown.get("default_output").asText()).isEqualTo("-1");
    assertThat(shown.get("shadow").doubleValue()).isEqualTo(0.1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"shadow\":1.5", "\"policy\":3", "\"policy_options\":[1]", "\"policy_options\":{\"eta\":\"x\"}", "\"on_overload\":\"explode\"",
        "\"partitions\":\"two\"", "\"max_asked\":0", "\"tolerance\":-1", "\"combiner_options\":{\"rate\":\"x\"}",
        "\"coverage\":1.2", "\"calibration\":\"guess\"", "\"watch\":3", "\"latency_slo_micros\":0", "\"missing_loss\":1e999"
      })
  void aSettingOutOfItsRangeIsABadRequest(String field) {
    gateway.admin("add_app", ADD);
    Reply reply = gateway.admin("update_app", "{\"name\":\"myappname\",%s}".formatted(field));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().get("cause").asText()).contains(field.substring(1, field.indexOf('"', 1)));
  }

  @Test
  void anUpdateOfWhatIsNotThereOrCannotChangeHasAFittingStatus() {
    assertThat(gateway.admin("update_app", "{\"name\":\"nope\"}").status()).isEqualTo(404);
    gateway.admin("add_app", ADD);
    Reply conflict = gateway.admin("update_app", "{\"name\":\"myappname\",\"partitions\":\"every-node\"}");
    assertThat(conflict.status()).isEqualTo(409);
    assertThat(conflict.body())
        .isEqualTo(
            "{\"error\":\"Conflict\",\"cause\":\"partitions of application 'myappname' stays 'one' and cannot become 'every-node': what was learned is kept by partition\"}");
  }

  @Test
  void whatANodeThatStartsDoesNotKnowMayBeThere() {
    gateway.clipper.knowsCatalog = false;

    assertThat(gateway.admin("get_linked_models", "{\"app_name\":\"a\"}").status()).isEqualTo(503);
    assertThat(gateway.admin("update_app", "{\"name\":\"a\"}").status()).isEqualTo(503);
    assertThat(gateway.admin("add_model_links", "{\"app_name\":\"a\",\"model_names\":[]}").status()).isEqualTo(503);
  }

  private void refused(String verb, String body, String text) {
    Reply reply = gateway.admin(verb, body);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).isEqualTo(text);
  }
}
