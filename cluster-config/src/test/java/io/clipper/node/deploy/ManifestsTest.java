package io.clipper.node.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.typesafe.config.ConfigFactory;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.command.UpCommand;
import io.clipper.replica.ReplicaMeters;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Role;
import io.kubernetes.client.openapi.models.V1RoleBinding;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What {@code kubectl apply -k} would send, against the schema of Kubernetes' API and against what a node takes. No cluster has seen it. */
class ManifestsTest {
  private static final Path FOLDER = Path.of("deploy", "kubernetes");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** Checks that every field is one of the schema's, of its type, and that none is missing that must be there. */
  @FunctionalInterface
  private interface SchemaCheck {
    void of(JsonElement document) throws IOException;
  }

  private static final Map<String, SchemaCheck> SCHEMAS =
      Map.of(
          "apps/v1 StatefulSet", V1StatefulSet::validateJsonElement,
          "apps/v1 Deployment", V1Deployment::validateJsonElement,
          "v1 Service", V1Service::validateJsonElement,
          "v1 ServiceAccount", V1ServiceAccount::validateJsonElement,
          "v1 ConfigMap", V1ConfigMap::validateJsonElement,
          "rbac.authorization.k8s.io/v1 Role", V1Role::validateJsonElement,
          "rbac.authorization.k8s.io/v1 RoleBinding", V1RoleBinding::validateJsonElement,
          "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
          "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy::validateJsonElement,
          "autoscaling/v2 HorizontalPodAutoscaler", V2HorizontalPodAutoscaler::validateJsonElement);

  @Test
  void everyDocumentIsOfItsSchema() throws IOException {
    for (JsonNode document : documents()) {
      check(document);
    }
    assertThat(documents().stream().map(ManifestsTest::kind)).containsAll(SCHEMAS.keySet());
  }

  @Test
  void aFieldThatKubernetesDoesNotKnowIsNoticed() throws IOException {
    ObjectNode wrong = set("StatefulSet").deepCopy();
    ((ObjectNode) container(wrong).path("readinessProbe")).put("failureTreshold", 1);

    assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> check(wrong))).hasMessageContaining("failureTreshold");
  }

  @Test
  void everyFileOfTheFolderIsApplied() throws IOException {
    Set<String> files = new TreeSet<>();
    try (Stream<Path> found = Files.list(FOLDER)) {
      found.map(file -> file.getFileName().toString()).filter(name -> !name.equals("kustomization.yaml")).forEach(files::add);
    }

    assertThat(resources()).containsExactlyInAnyOrderElementsOf(files);
  }

  @Test
  void aNodeTakesTheArguments() throws IOException {
    for (String kind : List.of("StatefulSet", "Deployment")) {
      List<NodeOptions> started = new ArrayList<>();
      CommandLine up =
          new CommandLine(
              new UpCommand(
                  options -> {
                    started.add(options);
                    return 0;
                  }));
      List<String> arguments = new ArrayList<>();
      container(set(kind)).path("args").forEach(argument -> arguments.add(argument.asText().replace("$(POD_IP)", "10.1.0.7")));
      assertThat(arguments.removeFirst()).isEqualTo("up");
      int discovery = arguments.indexOf("--discovery");
      if (discovery >= 0) {
        assertThat(arguments.get(discovery + 1)).isEqualTo("kubernetes:" + selector(set("StatefulSet")));
        // Which asks the API of a cluster.
        arguments.set(discovery + 1, "dns:localhost");
      }

      assertThat(up.execute(arguments.toArray(new String[0]))).isZero();
      NodeOptions options = started.getFirst();
      assertThat(options.insecure()).isFalse();
      assertThat(options.advertise()).hasValue("10.1.0.7");
      assertThat(options.jdbc().isPresent()).isEqualTo(kind.equals("StatefulSet"));
      for (Path file : List.of(options.data(), options.tls().orElseThrow(), options.tokenFile().orElseThrow(), options.config().orElseThrow())) {
        assertThat(mounts(container(set(kind)))).as("mounted").anyMatch(mount -> file.startsWith(mount));
      }
    }
  }

  @Test
  void probesAndServicesUsePortsThatTheContainerHas() throws IOException {
    for (String kind : List.of("StatefulSet", "Deployment")) {
      JsonNode container = container(set(kind));
      Set<String> ports = new TreeSet<>();
      container.path("ports").forEach(port -> ports.add(port.path("name").asText()));
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        assertThat(ports).contains(container.path(probe).path("httpGet").path("port").asText());
        assertThat(container.path(probe).path("httpGet").path("path").asText()).isIn("/health/live", "/health/ready");
      }
      documents().stream()
          .filter(document -> document.path("kind").asText().equals("Service"))
          .forEach(service -> service.path("spec").path("ports").forEach(port -> assertThat(ports).contains(port.path("targetPort").asText())));
    }
  }

  @Test
  void whatSelectsPodsSelectsThoseOfTheTemplates() throws IOException {
    for (JsonNode document : documents()) {
      JsonNode spec = document.path("spec");
      JsonNode selector = spec.path("selector").has("matchLabels") ? spec.path("selector").path("matchLabels") : spec.path("selector");
      if (selector.isObject()) {
        assertThat(Stream.of(set("StatefulSet"), set("Deployment")).map(ManifestsTest::labels))
            .as(kind(document))
            .anyMatch(labels -> selector.properties().stream().allMatch(label -> label.getValue().equals(labels.get(label.getKey()))));
      }
    }
  }

  /** Whose pods no scaler takes away while a model is uploaded. */
  @Test
  void managementIsOfThePodsThatKeepState() throws IOException {
    JsonNode service =
        documents().stream().filter(document -> document.at("/metadata/name").asText().equals("clipper-admin")).findFirst().orElseThrow();

    assertThat(service.at("/spec/selector")).isEqualTo(labels(set("StatefulSet")));
  }

  @Test
  void scalingGoesByAMetricThatNodesHave() throws IOException {
    JsonNode scaler = set("HorizontalPodAutoscaler").path("spec");

    assertThat(scaler.at("/metrics/0/pods/metric/name").asText()).isEqualTo(ReplicaMeters.PENDING.replace('.', '_'));
    assertThat(scaler.at("/scaleTargetRef/name")).isEqualTo(set("Deployment").at("/metadata/name"));
    assertThat(set("Deployment").path("spec").has("replicas")).as("the scaler's to say").isFalse();
  }

  @Test
  void thePodsAreLetDrain() throws IOException {
    for (String kind : List.of("StatefulSet", "Deployment")) {
      JsonNode pod = set(kind).at("/spec/template/spec");
      assertThat(container(set(kind)).at("/lifecycle/preStop/exec/command")).hasSize(2);
      assertThat(pod.path("terminationGracePeriodSeconds").asInt()).isGreaterThanOrEqualTo(30);
    }
  }

  @Test
  void theSettingsAreThoseOfANode() throws IOException {
    String settings = set("ConfigMap").at("/data/clipper.conf").asText();

    ConfigFactory.parseString(settings)
        .entrySet()
        .forEach(setting -> assertThat(ConfigFactory.load().hasPath(setting.getKey())).as(setting.getKey()).isTrue());
  }

  private static void check(JsonNode document) throws IOException {
    SchemaCheck schema = SCHEMAS.get(kind(document));
    assertThat(schema).as(kind(document)).isNotNull();
    if (schema != null) {
      schema.of(JsonParser.parseString(document.toString()));
    }
  }

  private static List<String> resources() throws IOException {
    List<String> names = new ArrayList<>();
    YAML.readTree(FOLDER.resolve("kustomization.yaml").toFile()).path("resources").forEach(name -> names.add(name.asText()));
    return names;
  }

  private static List<JsonNode> documents() throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    for (String file : resources()) {
      try (MappingIterator<JsonNode> found = YAML.readerFor(JsonNode.class).readValues(FOLDER.resolve(file).toFile())) {
        found.forEachRemaining(documents::add);
      }
    }
    return documents;
  }

  private static JsonNode set(String kind) throws IOException {
    return documents().stream().filter(document -> document.path("kind").asText().equals(kind)).findFirst().orElseThrow();
  }

  private static String kind(JsonNode document) {
    return document.path("apiVersion").asText() + " " + document.path("kind").asText();
  }

  private static JsonNode container(JsonNode set) {
    return set.at("/spec/template/spec/containers/0");
  }

  private static JsonNode labels(JsonNode set) {
    return set.at("/spec/template/metadata/labels");
  }

  private static List<String> mounts(JsonNode container) {
    List<String> mounts = new ArrayList<>();
    container.path("volumeMounts").forEach(mount -> mounts.add(mount.path("mountPath").asText()));
    return mounts;
  }

  /** As {@code kubectl} takes it. */
  private static String selector(JsonNode set) {
    return labels(set).properties().stream().map(label -> label.getKey() + "=" + label.getValue().asText()).collect(Collectors.joining(","));
  }
}
