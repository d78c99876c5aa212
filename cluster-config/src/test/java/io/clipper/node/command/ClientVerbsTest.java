package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.clipper.node.client.FakeNode;
import io.clipper.node.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientVerbsTest {
  private static final String ANSWER =
      """
      {"query_id":7,"output":3,"default":false,"agreement":1.0,"confidence":0.9,
       "models":[{"name":"m","version":"1","output":3,"weight":1.0,"cached":true,"late":false}]}
      """;

  private final FakeNode node = new FakeNode();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder = Path.of("");

  @AfterEach
  void stop() {
    node.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app create a --input-type doubles --slo 50ms --default 0 | add_app | "
            + "{\"name\":\"a\",\"input_type\":\"doubles\",\"default_output\":\"0\",\"latency_slo_micros\":50000}",
        "app update a --policy exp3 --option eta=0.1 --threshold 0.5 | update_app | "
            + "{\"name\":\"a\",\"policy\":\"exp3\",\"policy_options\":{\"eta\":0.1},\"confidence_threshold\":0.5}",
        "app update a --coverage 0.9 --calibration platt --watch adwin | update_app | "
            + "{\"name\":\"a\",\"coverage\":0.9,\"calibration\":\"platt\",\"watch\":\"adwin\"}",
        "app delete a | delete_app | {\"name\":\"a\"}",
        "link a m n | add_model_links | {\"app_name\":\"a\",\"model_names\":[\"m\",\"n\"]}",
        "unlink a m | delete_model_links | {\"app_name\":\"a\",\"model_names\":[\"m\"]}",
        "scale m 3 | scale | {\"model_name\":\"m\",\"replicas\":3}",
        "scale m every-node | scale | {\"model_name\":\"m\",\"replicas\":\"every-node\"}",
        "rollout m 2 | set_model_version | {\"model_name\":\"m\",\"model_version\":\"2\"}",
        "rollout m 2 --percent 10 | start_canary | {\"model_name\":\"m\",\"model_version\":\"2\",\"percent\":10}",
        "rollout m --version 2 --percent 10 | start_canary | {\"model_name\":\"m\",\"model_version\":\"2\",\"percent\":10}",
        "promote m | promote | {\"model_name\":\"m\"}",
        "promote m --version 2 | promote | {\"model_name\":\"m\",\"model_version\":\"2\"}",
        "abort m | abort | {\"model_name\":\"m\"}",
        "rollback m | rollback | {\"model_name\":\"m\"}",
        "undeploy m --version 2 | delete_versioned_model | {\"model_name\":\"m\",\"model_version\":\"2\"}",
      })
  void aVerbIsOneManagementCallAndNamesTheNextCommand(String words, String path, String body) {
    node.answers("/admin/" + path, "done");
    assertThat(run(words)).isZero();
    assertThat(node.asked()).extracting(FakeNode.Asked::target, FakeNode.Asked::body).containsExactly(tuple("/admin/" + path, body));
    assertThat(out.toString()).contains("done", "next: ./clipper ");
  }

  @Test
  void aRefusalPrintsItsCauseAndExitsWithOne() {
    node.answers("/admin/scale", 409, "{\"error\":\"Conflict\",\"cause\":\"model 'm' has no version in use\"}");
    assertThat(run("scale m 2")).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("clipper: model 'm' has no version in use\n");
  }

  @Test
  void whereNoNodeAnswersTheVerbSaysHowToStartOneAndExitsWithThree() {
    node.close();
    assertThat(run("status")).isEqualTo(3);
    assertThat(err.toString()).contains("connection refused", "./clipper up").hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "predict a | give the input",
        "predict a 1 x | value 2, 'x', is not a number",
        "predict a --input {1 | --input is not JSON",
        "feedback a --query-id 1 | give one of --label, --reward and --loss",
        "feedback a --query-id 1 --label 2 --loss 1 | give one of",
        "app update a | nothing to change",
        "app | create, update, delete or list",
        "deploy m model.exe | is of no known kind",
        "deploy m model.py:predict | no such file or folder: model.py",
        "deploy m model.py --venv a --requirements b | give one of --requirements, --venv and --python",
        "deploy m model.py --isolated | has a process of its own anyway",
        "deploy m grpc://host:1 --memory 2g | somebody else's process",
        "deploy m model.onnx --memory 2g | give --isolated too",
        "deploy m model.py --memory lots | is not a size",
        "deploy m model.py --memory 10 | less than any process takes",
        "deploy m model.onnx --pass-through | --pass-through for a server",
        "deploy m | give a MODEL, or --command",
        "deploy m model.onnx --command serve:{port} | --command stands instead of 'model.onnx'",
        "deploy m --command serve:{port} --isolated | a server with a process of its own",
        "deploy m --command serve:{port} --venv v | a server with a process of its own",
        "deploy m --directory /srv | give --command too",
        "deploy m missing.onnx | no such file or folder: missing.onnx",
        "deploy m model.onnx --slo 50ms | give --app too",
        "app create a --input-type doubles --slo soon | is not a duration",
        "bench a | give an input",
        "bench a --input 1 --concurrency 0 | concurrency 0 is below 1",
        "rollout m --percent 10 | give one version",
        "rollout m 2 --version 3 | give one version",
        "rollout m 2 --percent some | some",
        "promote | NAME",
        "abort | NAME",
        "scale m -- -1 | -1 copies cannot run",
        "scale m some | 'some' is neither a number of copies nor every-node",
        "status --admin nowhere | is not an address",
        "frobnicate | frobnicate",
      })
  void wrongUsageIsToldAndExitsWithTwo(String words, String told) {
    assertThat(run(words)).isEqualTo(2);
    assertThat(err.toString()).contains(told);
    assertThat(node.asked()).isEmpty();
  }

  @Test
  void aPredictionShowsTheAnswerAndTheFeedbackToGive() {
    node.answers("/digits/predict", ANSWER);
    assertThat(run("predict digits 0 -1.5 2")).isZero();
    assertThat(node.asked().getLast().body()).isEqualTo("{\"input\":[0,-1.5,2]}");
    assertThat(out.toString()).startsWith("3\n")
        .contains("agreement 1.00", "m:1",
            "next: ./clipper feedback digits --query-id 7 --label 3");
  }

  @Test
  void jsonIsTheNodesOwnAndNothingElse() {
    node.answers("/digits/predict", ANSWER);
    assertThat(run("predict digits --input [1] --json")).isZero();
    assertThat(out.toString()).startsWith("{").contains("\"query_id\" : 7").doesNotContain("next:");
  }

  @Test
  void feedbackSendsANumberAsANumberAndAWordAsAString() {
    node.answers("/digits/update", "{\"query_id\":7,\"observed\":true,\"models\":5}");
    run("feedback digits --query-id 7 --label 3");
    run("feedback digits --query-id 7 --label cat");
    assertThat(node.asked())
        .extracting(FakeNode.Asked::body)
        .containsExactly("{\"query_id\":7,\"label\":3}", "{\"query_id\":7,\"label\":\"cat\"}");
    assertThat(out.toString()).contains("observed: it judged 5 models");
  }

  @Test
  void deployUploadsTheBytesUnderTheNextVersion() throws IOException {
    Path file = Files.writeString(folder.resolve("model.onnx"), "the bytes");
    node.answers("/admin/get_all_models", "[{\"model_name\":\"m\",\"model_version\":\"1\",\"is_current_version\":true}]");
    node.answers("/admin/deploy", "{\"model\":\"m\",\"version\":\"2\",\"artifact\":\"ab\",\"state\":\"ready\",\"application\":\"a\",\"remark\":\"it batches there\"}");
    assertThat(run("deploy m " + file + " --app a --slo 50ms --default none --replicas 2")).isZero();
    assertThat(node.asked().getLast().target())
        .isEqualTo("/admin/deploy?name=m&version=2&replicas=2&app=a&slo_micros=50000&default_output=none");
    assertThat(node.asked().getLast().body()).isEqualTo("the bytes");
    assertThat(out.toString()).contains("m:2 is ready", "it batches there", "next: ./clipper predict a");
  }

  @Test
  void aCommandIsDeployedWithWhereItIsStarted() {
    node.answers("/admin/get_all_models", "[]");
    node.answers("/admin/deploy", "{\"model\":\"m\",\"version\":\"1\",\"artifact\":null,\"state\":\"ready\",\"movable\":false,\"remark\":null}");

    assertThat(run("deploy m --command serve:{port} --directory /srv/../opt --served-as theirs/3 --env A={name} --pass-through")).isZero();

    assertThat(URLDecoder.decode(node.asked().getLast().target(), StandardCharsets.UTF_8).split("[?&]"))
        .containsExactlyInAnyOrder(
            "/admin/deploy", "name=m", "version=1", "command=serve:{port}", "directory=/opt", "served_as=theirs/3", "env.A={name}", "pass_through=true");
    assertThat(out.toString()).contains("m:1 is ready (serve:{port})", "its command is one of this node's machine: it cannot move");
  }

  @Test
  void undeployWithoutVersionDeletesThemAll() {
    node.answers(
        "/admin/get_all_models",
        """
        [{"model_name":"m","model_version":"1"},
        {"model_name":"m","model_version":"2"},
        {"model_name":"n","model_version":"3"}]
        """);
    node.answers("/admin/delete_versioned_model", "done");
    assertThat(run("undeploy m")).isZero();
    assertThat(node.asked()).extracting(FakeNode.Asked::body).filteredOn(body -> body.contains("model_version")).hasSize(2);
    assertThat(run("undeploy missing")).isEqualTo(1);
  }

  @Test
  void statusShowsWhatRunsAndWhatWasLearned() {
    node.answers(
        "/admin/get_all_applications",
        """
        [{"name":"a","input_type":"floats","latency_slo_micros":100000,"default_output":"-1","linked_models":["m"]}]
        """);
    node.answers(
        "/admin/get_state",
        """
        {"policy":"fixed-share","observations":12,"candidates":[{"model":"m","version":"1","weight":0.25,
        "observations":12,"mean_loss":0.5}],"partitions":[{"partition":1,"node":"10.0.0.5:25520","observations":7},
        {"partition":2,"node":"10.0.0.6:25520","observations":4},{"partition":3,"node":"10.0.0.5:25520","observations":1}]}
        """);
    node.answers("/admin/get_changes", "[{\"revision\":3,\"at\":\"2026-01-01T00:00:00Z\",\"change\":\"model 'net' scaled to 2 replicas\"}]");
    node.answers("/admin/get_cluster", "{\"shape\":\"one state node\",\"members\":[{\"address\":\"here\",\"state\":\"up\"}]}");
    node.answers(
        "/admin/get_all_models",
        """
        [{"model_name":"m","model_version":"1","is_current_version":true,"input_type":"floats"}]
        """);
    node.answers(
        "/admin/get_replicas",
        """
        [{"model_name":"m","model_version":"1","replica":0,"state":"ready","restarts":1,"last_error":"died","queue":0,
        "batch_limit":4},
        {"model_name":"m","model_version":"1","replica":1,"state":"ready","restarts":1,"last_error":"died","last_failure":"a batch failed 3 s ago: a bug",
        "queue":0,"batch_limit":4,"remark":"gathers"},
        {"model_name":"m","model_version":"1","replica":2,"state":"ready","restarts":0,"last_error":null,"last_failure":null,
        "queue":0,"batch_limit":4,"remark":"gathers"}]
        """);
    assertThat(run("status")).isZero();
    assertThat(out.toString())
        .containsPattern("m:1:1 .*died; a batch failed 3 s ago: a bug *\n")
        .containsPattern("m:1:2 .* gathers *\n")
        .contains("shape: one state node", "members: address here, state up", "100ms", "m:1:0", "died",
            "fixed-share, from 12 observations", "0.2500")
        .containsPattern("(?m)^10.0.0.5:25520 +2 +8 *$")
        .containsPattern("(?m)^10.0.0.6:25520 +1 +4 *$");
  }

  @Test
  void statusShowsTheRestWhereTheDatabaseCannotBeRead() {
    node.answers("/admin/get_all_applications", "[{\"name\":\"a\",\"input_type\":\"floats\",\"latency_slo_micros\":100000}]");
    node.answers("/admin/get_state", 503, "{\"error\":\"Unavailable\",\"cause\":\"what the application has learned cannot be read yet\"}");
    node.answers("/admin/get_changes", 503, "{\"error\":\"Unavailable\",\"cause\":\"the history of the catalog cannot be read: no space\"}");
    node.answers("/admin/get_cluster", "{\"shape\":\"one state node\",\"members\":[]}");
    node.answers("/admin/get_all_models", "[]");
    node.answers("/admin/get_replicas", "[]");

    assertThat(run("status")).isZero();

    assertThat(out.toString()).contains("shape: one state node", "100ms", "a: what the application has learned cannot be read yet", "changes: the history of the catalog cannot be read: no space");
  }

  @Test
  void statusShowsTheShareOfACanaryAndTheErrorOfBoth() {
    node.answers("/admin/get_all_applications", "[{\"name\":\"a\",\"linked_models\":[\"m\"]}]");
    node.answers(
        "/admin/get_state",
        """
        {"policy":"exp3","observations":20,"candidates":[
        {"model":"m","version":"1","weight":0.5,"observations":18,"mean_loss":0.25},
        {"model":"m","version":"2","weight":0.5,"observations":2,"mean_loss":0.5}]}
        """);
    node.answers("/admin/get_changes", "[]");
    node.answers("/admin/get_cluster", "{}");
    node.answers(
        "/admin/get_all_models",
        """
        [{"model_name":"m","model_version":"1","is_current_version":true,"input_type":"floats"},
        {"model_name":"m","model_version":"2","is_current_version":false,"canary_percent":10,"input_type":"floats"}]
        """);
    node.answers("/admin/get_replicas", "[]");
    assertThat(run("status")).isZero();
    assertThat(out.toString())
        .containsPattern("(?m)^m +1 +yes +floats *$")
        .containsPattern("(?m)^m +2 +10 % +floats *$")
        .contains(
            """
            version 2 of model m takes 10 % of its queries
              in a: mean loss 0.5000 of 2 observations; in use: mean loss 0.2500 of 18 observations
            """);
  }

  @Test
  void aFileIsPredictedRowByRowAndMeasuredAgainstItsLabels() throws IOException {
    Path in = Files.writeString(folder.resolve("in.csv"), "label,p0,p1\n3,1,2\n\n4,5,6\n");
    Path answers = folder.resolve("out.csv");
    node.answers("/digits/predict", ANSWER);
    assertThat(run("predict digits --file " + in + " --out " + answers + " --label-column label")).isZero();
    assertThat(Files.readAllLines(answers))
        .containsExactly("line,label,output,default,agreement,confidence,query_id,error", "2,3,3,false,1.0,0.9,7,",
            "3,4,3,false,1.0,0.9,7,");
    assertThat(node.asked()).extracting(FakeNode.Asked::body).containsExactly("{\"input\":[1,2]}", "{\"input\":[5,6]}");
    assertThat(err.toString()).contains("2 of 2 rows, 50.0 % right");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aRefusedRowMakesTheFileExitWithOne() throws IOException {
    Path in = Files.writeString(folder.resolve("in.csv"), "p0\n1\n");
    assertThat(run("predict missing --file " + in)).isEqualTo(1);
    assertThat(out.toString()).contains("2,,,,,,,no such path");
  }

  @Test
  void durationsAreReadWithTheirUnit() {
    assertThat(List.of(Durations.parse("500us"), Durations.parse("50ms"), Durations.parse("1.5s"), Durations.parse("2m")))
        .extracting(Durations::micros)
        .containsExactly(500L, 50_000L, 1_500_000L, 120_000_000L);
    assertThat(List.of(Durations.text(500), Durations.text(50_000), Durations.text(2_000_000))).containsExactly("500us", "50ms", "2s");
  }

  private int run(String words) {
    List<String> all = new ArrayList<>(List.of(words.split(" ")));
    if (!words.contains("--admin") && !List.of("app", "frobnicate").contains(words)) {
      int end = all.contains("--") ? all.indexOf("--") : all.size();
      all.addAll(end, List.of("--admin", node.address().toString(), "--query", node.address().toString()));
    }
    Terminal terminal = new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false);
    return ClipperCommand.line(terminal).execute(all.toArray(String[]::new));
  }
}
