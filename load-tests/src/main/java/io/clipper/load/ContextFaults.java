package io.clipper.load;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Three nodes over one PostgreSQL that has rows of very many contexts, all queries with one of them: each node is killed in turn, so that the
 * one with the loop, which keeps the contexts, is among them. How many there are has no part in how soon the others answer and learn.
 */
final class ContextFaults implements Scenario {
  private static final Duration SLO = Duration.ofMillis(100);
  private static final Served SERVED =
      new Served("shop", SLO, IntStream.rangeClosed(1, 8).mapToObj(number -> Served.Simulated.fast(number % 3)).toList());
  private static final String FIRST_LABEL = "{\"input\":[0.5,1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0],\"context\":\"first\",\"label\":1.0}";
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final Duration WATCHED = Duration.ofSeconds(35);
  private static final int CLIENTS = 2;
  private static final Duration LABEL_AFTER = Duration.ofSeconds(30);
  private static final Duration STEADY = Duration.ofSeconds(15);
  /** More than are in memory. */
  private static final int ASKED = 60_000;

  private static final Duration ROW_AFTER = Duration.ofSeconds(30);

  private final int contexts;

  ContextFaults(int contexts) {
    this.contexts = contexts;
  }

  @Override
  public String name() {
    return "context-faults";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Map<String, ClusterNodes.Place> places = ClusterNodes.Place.here(NAMES);
    List<String> asked = new ArrayList<>();
    Requests requests = new Requests();
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        ClusterNodes nodes = new ClusterNodes(folder, Optional.of(postgres.getJdbcUrl("postgres", "postgres")), SERVED, places);
        ClusterClients clients =
            new ClusterClients(
                SERVED.application(), LABEL_AFTER.toNanos(), () -> requests.predict(asked.get(ThreadLocalRandom.current().nextInt(asked.size()))))) {
      for (String name : NAMES) {
        clients.isAt(name, nodes.start(name).queryAddress());
      }
      nodes.scale("a", NAMES.size());
      teachOne(nodes.process("a"));
      asked.addAll(copied(postgres.getJdbcUrl("postgres", "postgres"), report));
      clients.start(NAMES, CLIENTS);
      TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      NodeFault fault = new NodeFault(nodes, clients, CLIENTS, SLO, WATCHED, report);
      for (String name : NAMES) {
        fault.kill(name, "in turn");
        fault.start(name);
        TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      }
      ClusterLearning.judge(nodes, clients, 99, report);
    }
  }

  private static void teachOne(NodeProcess node) throws IOException {
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      HttpConnection.Answer answer = connection.post("/%s/update".formatted(SERVED.application()), FIRST_LABEL);
      if (!answer.isOk()) {
        throw new IOException(answer.toString());
      }
    }
  }

  /** Copies the row until there are as many contexts as wanted; some of their names. */
  private List<String> copied(String url, Report report) throws InterruptedException {
    try (Connection connection = DriverManager.getConnection(url)) {
      ContextRows rows = new ContextRows(connection, ContextRows.Dialect.POSTGRESQL);
      rows.awaitFirst(ROW_AFTER);
      rows.copyTo(contexts);
      report.line("%,d contexts have a row".formatted(rows.count()));
      return rows.names(ASKED);
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }
}
