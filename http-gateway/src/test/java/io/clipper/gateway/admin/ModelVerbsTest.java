package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.catalog.Model;
import io.clipper.gateway.DeployOutcome;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The original's management tests of models, over HTTP, and deployment, rollback and scale. */
class ModelVerbsTest {
  private static final String ADD =
      "{\"model_name\":\"mymodelname\",\"model_version\":\"4\",\"labels\":[\"label1\",\"label2\",\"label3\"],\"input_type\":\"integers\","
          + "\"batch_size\":-1,\"container_name\":\"clipper/sklearn_cifar\",\"model_data_path\":\"/tmp/model/repo/m/1\"}";

  private final TestGateway gateway = new TestGateway();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void aModelIsAddedAndShownWithAllItsFields() {
    assertThat(gateway.admin("add_model", ADD).body()).isEqualTo("Successfully added model with name 'mymodelname' and input type 'integers'");
    JsonNode shown = model("mymodelname", "4");
    assertThat(shown.get("labels").toString()).isEqualTo("[\"label1\",\"label2\",\"label3\"]");
    assertThat(shown.get("input_type").asText()).isEqualTo("integers");
    assertThat(shown.get("container_name").asText()).isEqualTo("clipper/sklearn_cifar");
    assertThat(shown.get("model_data_path").asText()).isEqualTo("/tmp/model/repo/m/1");
    assertThat(shown.get("batch_size").intValue()).isEqualTo(-1);
    assertThat(shown.get("is_current_version").booleanValue()).isTrue();
    assertThat(gateway.admin("get_all_models", "{}").body()).isEqualTo("[\"mymodelname:4\"]");
    assertThat(gateway.admin("get_all_models", "{\"verbose\":true}").json().get(0)).isEqualTo(shown);
    assertThat(gateway.admin("get_model", "{\"model_name\":\"mymodelname\",\"model_version\":\"5\"}").body()).isEqualTo("{}");
    refused("add_model", ADD, "model with name 'mymodelname' and version '4' already exists");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model_name", "model_version", "labels", "input_type", "container_name", "model_data_path"})
  void aMissingFieldIsNamed(String field) {
    Reply reply = gateway.admin("add_model", ADD.replace("\"" + field + "\"", "\"other\""));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).contains("JSON object does not have required key: " + field);
  }

  @Test
  void whatAModelCannotBeIsRefusedInTheOriginalsWords() {
    refused("add_model", ADD.replace("mymodelname", "a:b"), "Invalid model name supplied: a:b. Contains one of: ',', ':'");
    refused("add_model", ADD.replace("\"4\"", "\"4,1\""), "Invalid model version supplied: 4,1. Contains one of: ',', ':'");
    refused("add_model", ADD.replace("mymodelname", "a@model"), "Invalid model name supplied: 'a@model'. NAME@model means the model NAME");
    refused("add_model", ADD.replace("label2", "x:y"), "Invalid label supplied: x:y. Contains one of: ',', ':'");
    refused("add_model", ADD.replace("-1,", "0,"), "The batch size must be positive or DEFAULT_BATCH_SIZE, which is -1");
    assertThat(gateway.admin("add_model", ADD.replace("integers", "nonsense")).status()).isEqualTo(400);
    assertThat(gateway.admin("add_model", "{\"model_name\":").status()).isEqualTo(400);
    assertThat(gateway.clipper.models()).isEmpty();
  }

  @Test
  void theVersionInUseIsSetAmongThoseThereAre() {
    gateway.model("m", "1", "ints");
    gateway.model("m", "2", "ints");
    gateway.model("m", "4", "ints");
    assertThat(gateway.admin("set_model_version", "{\"model_name\":\"m\",\"model_version\":\"2\"}").body())
        .isEqualTo("Successfully set model with name 'm' to version '2'");
    assertThat(model("m", "2").get("is_current_version").booleanValue()).isTrue();
    assertThat(model("m", "4").get("is_current_version").booleanValue()).isFalse();
    refused("set_model_version", "{\"model_name\":\"m\",\"model_version\":\"11\"}", "Cannot set non-existent version '11' for model with name 'm'");
    refused("set_model_version", "{\"model_name\":\"x\",\"model_version\":\"1\"}", "Cannot set version for nonexistent model 'x'");
    assertThat(model("m", "2").get("is_current_version").booleanValue()).isTrue();
  }

  @Test
  void aCanaryTakesItsShareUntilItIsPromotedOrAborted() {
    gateway.model("m", "1", "ints");
    gateway.model("m", "2", "ints");
    String start = "{\"model_name\":\"m\",\"model_version\":\"1\",\"percent\":10}";
    assertThat(gateway.admin("start_canary", start).body()).isEqualTo(start);
    assertThat(model("m", "1").get("canary_percent").intValue()).isEqualTo(10);
    assertThat(model("m", "2").get("canary_percent").isNull()).isTrue();

    assertThat(gateway.admin("abort", "{\"model_name\":\"m\"}").body()).isEqualTo("{\"model_name\":\"m\",\"model_version\":\"2\"}");
    assertThat(model("m", "1").get("canary_percent").isNull()).isTrue();

    gateway.admin("start_canary", start);
    assertThat(gateway.admin("promote", "{\"model_name\":\"m\"}").body()).isEqualTo("{\"model_name\":\"m\",\"model_version\":\"1\"}");
    assertThat(gateway.admin("promote", "{\"model_name\":\"m\"}").status()).isEqualTo(409);
    String named = "{\"model_name\":\"m\",\"model_version\":\"1\"}";
    assertThat(gateway.admin("promote", named).body()).isEqualTo(named);
    assertThat(gateway.admin("promote", named.replace("1", "2")).status()).isEqualTo(409);
    assertThat(gateway.admin("start_canary", start.replace("10", "100")).status()).isEqualTo(400);
  }

  @Test
  void aNewVersionOfALinkedModelKeepsItsInputType() {
    gateway.application("a", "ints");
    gateway.model("m", "1", "integers");
    gateway.link("a", "m");
    Reply reply = gateway.model("m", "2", "doubles");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body())
        .isEqualTo(
            "Model with name 'm' is already linked to app 'a' using input type 'integers'. The input type you provided for a new version of the model, 'doubles', is not compatible.");
  }

  @Test
  void aVersionIsDeletedOnce() {
    gateway.model("m", "1", "ints");
    String body = "{\"model_name\":\"m\",\"model_version\":\"1\"}";
    assertThat(gateway.admin("delete_versioned_model", body).body()).isEqualTo("Successfully deleted model with name 'm' and version '1'");
    refused("delete_versioned_model", body, "model with name 'm' and version '1' does not exist");
    assertThat(gateway.admin("delete_versioned_model", "{\"model_name\":\"m\"}").status()).isEqualTo(400);
  }

  @Test
  void aDeploymentIsAVersionAnApplicationAndALinkInOne() {
    Reply reply = deploy("name=net&app=shop&slo_micros=2000&default_output=0&replicas=2", "onnx:floats");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    String sha = gateway.clipper.artifacts.keySet().iterator().next();
    assertThat(reply.body())
        .isEqualTo(
            "{\"model\":\"net\",\"version\":\"1\",\"artifact\":\"%s\",\"input_type\":\"floats\",\"state\":\"ready\",\"application\":\"shop\",\"remark\":null}".formatted(sha));
    JsonNode application = gateway.admin("get_application", "{\"name\":\"shop\"}").json();
    assertThat(application.get("linked_models").toString()).isEqualTo("[\"net\"]");
    assertThat(application.get("latency_slo_micros").intValue()).isEqualTo(2000);
    assertThat(gateway.admin("get_all_containers", "{}").body()).isEqualTo("[\"net:1:0\",\"net:1:1\"]");
  }

  @Test
  void theSameDeploymentAgainIsTheSameVersionAndOtherBytesTheNext() {
    assertThat(deploy("name=net", "onnx:floats").json().get("version").asText()).isEqualTo("1");
    assertThat(deploy("name=net", "onnx:floats").json().get("version").asText()).isEqualTo("1");
    assertThat(deploy("name=net", "onnx:floats ").json().get("version").asText()).isEqualTo("2");
    assertThat(deploy("name=net&version=10", "onnx: floats").json().get("version").asText()).isEqualTo("10");
    assertThat(deploy("name=net&version=10", "onnx:  floats").status()).isEqualTo(409);
    assertThat(deploy("name=net", "onnx:   floats").json().get("version").asText()).isEqualTo("11");
  }

  @Test
  void aServersModelIsDeployedWithoutAFileAndAnIsolatedOneWithOne() {
    assertThat(deploy("name=theirs&endpoint=grpc://host:8001&endpoint_model=m", "").status()).isEqualTo(200);
    assertThat(deploy("name=theirs&endpoint=grpc://host:8001&endpoint_model=m", "").json().get("version").asText()).isEqualTo("1");
    assertThat(deploy("name=apart&isolated=true", "onnx:floats").status()).isEqualTo(200);

    assertThat(gateway.clipper.models().stream().map(model -> model.currentVersion().orElseThrow().runtime()))
        .containsExactlyInAnyOrder(
            new RuntimeSpec.Endpoint("grpc://host:8001", "m", "", Optional.empty(), false),
            new RuntimeSpec.Isolated(new RuntimeSpec.Onnx(), WorkerOptions.DEFAULT));
    gateway.clipper.outcome = new DeployOutcome.Warm(Optional.of("that server gathers batches by itself"));
    assertThat(deploy("name=theirs&endpoint=grpc://host:8001&pass_through=true", "").json().get("remark").asText())
        .isEqualTo("that server gathers batches by itself");
    assertThat(deploy("name=theirs&endpoint=ftp://host", "").status()).isEqualTo(400);
    assertThat(deploy("name=theirs&endpoint=grpc://host:8001", "onnx:floats").status()).isEqualTo(400);
    assertThat(deploy("name=theirs&endpoint=grpc://host:8001&isolated=true", "").status()).isEqualTo(400);
  }

  @Test
  void aPythonModelIsAnArchiveAndWhatToServeOfIt() {
    Reply reply = deploy("name=iris&entry=model.py:predict&input_type=doubles&env.A=1&env.B=%26&memory_bytes=1024&threads=2", "archive");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.json().get("movable").booleanValue()).isTrue();
    Reply tied = deploy("name=tied&entry=net&input_type=doubles&interpreter=/opt/py/bin/python", "archive");
    assertThat(tied.json().get("movable").booleanValue()).isFalse();

    assertThat(gateway.clipper.models().stream().map(model -> model.currentVersion().orElseThrow().runtime()))
        .containsExactlyInAnyOrder(
            new RuntimeSpec.Python(
                "model.py:predict",
                Optional.of("doubles"),
                Optional.empty(),
                new WorkerOptions(Map.of("A", "1", "B", "&"), Optional.of(2), Optional.of(1024L)),
                Optional.empty()),
            new RuntimeSpec.Python("net", Optional.of("doubles"), Optional.of("/opt/py/bin/python"), WorkerOptions.DEFAULT, Optional.of("lab")));
    assertThat(gateway.admin("get_starting", "{}").body())
        .isEqualTo("[{\"model_name\":\"slow\",\"model_version\":\"1\",\"step\":\"its worker starts\"}]");
  }

  @Test
  void aCommandIsDeployedWithoutAFileAndCannotMove() {
    Reply reply = deploy("name=own&command=serve+'two+words'+{port}&input_type=doubles&directory=/srv&served_as=theirs/3&env.A={name}&threads=2", "");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.json().get("movable").booleanValue()).isFalse();

    assertThat(gateway.clipper.models().stream().map(model -> model.currentVersion().orElseThrow().runtime()))
        .containsExactly(
            new RuntimeSpec.Command(
                List.of("serve", "two words", "{port}"),
                Optional.of("/srv"),
                "theirs",
                "3",
                Optional.of("doubles"),
                false,
                new WorkerOptions(Map.of("A", "{name}"), Optional.of(2), Optional.empty()),
                Optional.of("lab")));
    assertThat(deploy("name=own&command=serve+{port}&input_type=doubles", "bytes").json().get("cause").asText()).contains("has to be empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"command=serve", "command=+", "command=serve+{prot}", "command=serve+'{port}", "command=serve+{port}+{socket}", "directory=/srv",
        "served_as=m", "command=serve+{port}&directory=srv", "command=serve+{port}&isolated=true", "command=serve+{port}&entry=m.py",
        "command=serve+{port}&endpoint=grpc://h:1", "command=serve+{port}&device=cuda:0"})
  void whatDoesNotGoTogetherWithACommandIsABadRequest(String parameters) {
    assertThat(deploy("name=n&input_type=doubles&" + parameters, parameters.contains("command=") ? "" : "onnx:floats").status()).isEqualTo(400);
    assertThat(gateway.clipper.models()).isEmpty();
  }

  @Test
  void theLatestChangesAreToldInWords() {
    assertThat(gateway.admin("get_changes", "{}").body())
        .isEqualTo(
            "[{\"revision\":1,\"at\":\"1970-01-01T00:00:00Z\",\"change\":\"model 'net' scaled to 2 replicas\"},"
                + "{\"revision\":2,\"at\":\"1970-01-01T00:00:01Z\",\"change\":\"application 'app' linked to net, tree\"}]");
    assertThat(gateway.admin("get_changes", "{\"limit\":1}").json()).hasSize(1);
    assertThat(gateway.admin("get_changes", "{\"limit\":0}").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"entry=../model.py", "entry=/etc/model.py", "entry=a/../../b.py:f", "entry=m.py&isolated=true", "entry=m.py&endpoint=grpc://h:1",
        "entry=m.py&interpreter=python3", "interpreter=/usr/bin/python3", "memory_bytes=1", "threads=1", "env.A=1", "env.=1", "entry=m.py&threads=0"})
  void whatDoesNotGoTogetherWithAProcessIsABadRequest(String parameters) {
    assertThat(deploy("name=n&input_type=doubles&" + parameters, "archive").status()).isEqualTo(400);
    assertThat(gateway.clipper.artifacts).isEmpty();
  }

  @Test
  void theBytesOfAModelThatCannotBeLoadedAreKeptOnlyForAnotherVersion() {
    deploy("name=net", "onnx:floats");
    gateway.clipper.outcome = new DeployOutcome.Failed("node 'conv' has no kernel");

    assertThat(deploy("name=other", "onnx:floats").status()).isEqualTo(400);
    assertThat(deploy("name=other", "onnx:floats ").status()).isEqualTo(400);
    assertThat(deploy("name=other", "no graph").status()).isEqualTo(400);

    assertThat(gateway.clipper.artifacts).hasSize(1);
  }

  @Test
  void aModelThatCannotBeLoadedLeavesTheCatalogAsItWas() {
    deploy("name=net&app=shop", "onnx:floats");
    String before = gateway.admin("get_all_models", "{\"verbose\":true}").body() + gateway.admin("get_all_applications", "{\"verbose\":true}").body();
    gateway.clipper.outcome = new DeployOutcome.Failed("node 'conv' has no kernel");
    Reply reply = deploy("name=net&app=other", "onnx:floats ");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().get("cause").asText()).isEqualTo("node 'conv' has no kernel");
    assertThat(deploy("name=net&replicas=5", "onnx:floats ").status()).isEqualTo(400);
    assertThat(gateway.clipper.model("net").orElseThrow().replicas()).isEqualTo(1);
    assertThat(deploy("name=new&app=shop", "onnx:floats ").status()).isEqualTo(400);
    String after = gateway.admin("get_all_models", "{\"verbose\":true}").body() + gateway.admin("get_all_applications", "{\"verbose\":true}").body();
    assertThat(after).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "version=1", "name=a:b", "name=n&replicas=-1", "name=n&replicas=x", "name=n&app=admin", "name=n&slo_micros=0", "name=n&nmae=n",
        "name=n&name=m", "name=n&input_type=nonsense"})
  void aWrongParameterIsABadRequest(String parameters) {
    Reply reply = deploy(parameters, "onnx:floats");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().get("error").asText()).isEqualTo("Bad request");
    assertThat(gateway.clipper.artifacts).isEmpty();
  }

  @Test
  void whatIsNoModelIsABadRequest() {
    assertThat(deploy("name=n", "hello").json().get("cause").asText()).isEqualTo("not an ONNX file");
    assertThat(deploy("name=n", "").json().get("cause").asText()).contains("body is empty");
  }

  @Test
  void aRollbackGoesToTheVersionBefore() {
    gateway.model("m", "1", "ints");
    gateway.model("m", "2", "ints");
    assertThat(gateway.admin("rollback", "{\"model_name\":\"m\"}").body()).isEqualTo("{\"model_name\":\"m\",\"model_version\":\"1\"}");
    assertThat(gateway.admin("rollback", "{\"model_name\":\"x\"}").status()).isEqualTo(404);
  }

  @Test
  void scaleSetsReplicasOfWhatThisServerStarts() {
    deploy("name=net", "onnx:floats");
    assertThat(gateway.admin("scale", "{\"model_name\":\"net\",\"replicas\":3}").body()).isEqualTo("{\"model_name\":\"net\",\"replicas\":3}");
    assertThat(gateway.admin("get_replicas", "{\"model_name\":\"net\"}").json()).hasSize(3);
    assertThat(gateway.admin("scale", "{\"model_name\":\"net\",\"replicas\":-1}").status()).isEqualTo(400);
    assertThat(gateway.admin("scale", "{\"model_name\":\"net\",\"replicas\":\"many\"}").status()).isEqualTo(400);
    gateway.model("m", "1", "ints");
    Reply containerless = gateway.admin("scale", "{\"model_name\":\"m\",\"replicas\":3}");
    assertThat(containerless.status()).isEqualTo(409);
    assertThat(containerless.json().get("cause").asText()).contains("containerless model");
  }

  @Test
  void aModelMayHaveAReplicaOnEveryNode() {
    assertThat(deploy("name=net&replicas=every-node", "onnx:floats").status()).isEqualTo(200);
    assertThat(gateway.clipper.model("net").orElseThrow().replicas()).isEqualTo(Model.EVERY_NODE);
    assertThat(model("net", "1").get("replicas").asText()).isEqualTo("every-node");

    assertThat(gateway.admin("scale", "{\"model_name\":\"net\",\"replicas\":2}").status()).isEqualTo(200);
    assertThat(model("net", "1").get("replicas").asInt()).isEqualTo(2);
    assertThat(gateway.admin("scale", "{\"model_name\":\"net\",\"replicas\":\"every-node\"}").body())
        .isEqualTo("{\"model_name\":\"net\",\"replicas\":\"every-node\"}");
    assertThat(model("net", "1").get("replicas").asText()).isEqualTo("every-node");
  }

  private Reply deploy(String parameters, String artifact) {
    return gateway.post(gateway.management("/admin/deploy?" + parameters.replace("{", "%7B").replace("}", "%7D")), artifact.getBytes(StandardCharsets.UTF_8));
  }

  private JsonNode model(String name, String version) {
    return gateway.admin("get_model", "{\"model_name\":\"%s\",\"model_version\":\"%s\"}".formatted(name, version)).json();
  }

  private void refused(String verb, String body, String text) {
    Reply reply = gateway.admin(verb, body);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).isEqualTo(text);
  }
}
