package io.clipper.load;

import io.clipper.load.ClusterClients.Receipt;
import java.io.IOException;
import java.time.Duration;

/**
 * What became of the labels of a cluster's clients: those that were taken count once, and none is lost. Of a policy with a fixed η the weights
 * are what one node's would be.
 */
final class ClusterLearning {
  private static final int SENT_AGAIN_AT_ONCE = 16;
  /** Fewer say nothing: the clients send several times as many. */
  private static final int LEAST_LABELS = 2_000;

  private static final Duration LABELS_LAST = Duration.ofSeconds(90);

  private ClusterLearning() {}

  /** Ends the asking. At least so many of a hundred labels are to find their query. */
  static void judge(ClusterNodes nodes, ClusterClients clients, double percent, Report report) throws IOException, InterruptedException {
    boolean settled = clients.finish(LABELS_LAST);
    report.bar(settled, "every label was taken or given up within %d s".formatted(LABELS_LAST.toSeconds()));
    String asked = nodes.names().getFirst();
    long joined = clients.receipts().stream().filter(Receipt::observed).count();
    long givenUp = clients.givenUp().size();
    long all = clients.receipts().size() + givenUp;
    long learned = nodes.observations(asked);
    report.line("%,d labels: %,d joined, %,d not, %,d that no node took".formatted(all, joined, all - joined - givenUp, givenUp));
    report.bar(all >= LEAST_LABELS, "labels: %,d (%,d)".formatted(all, LEAST_LABELS));
    report.bar(joined >= percent / 100 * all, "labels that joined: %.2f %% (%.0f)".formatted(100.0 * joined / Math.max(1, all), percent));
    report.bar(learned >= joined, "acknowledged, and not in the count of what was learned: %,d (0)".formatted(Math.max(0, joined - learned)));
    if (nodes.served().eta().isPresent()) {
      new SingleNode(nodes.served()).compare(nodes.state(asked), clients, report);
    }
    long lost = clients.lost(nodes.process(asked).queryAddress(), SENT_AGAIN_AT_ONCE);
    report.bar(lost == 0, "acknowledged, sent again, and not known as counted: %,d (0)".formatted(lost));
  }

  /** Seconds from then to the first label that counted afterwards. */
  static double secondsUntilLearning(ClusterClients clients, long from) {
    long first = clients.receipts().stream().filter(receipt -> receipt.observed() && receipt.at() > from).mapToLong(Receipt::at).min().orElse(Long.MAX_VALUE);
    return (first - from) / 1e9;
  }
}
