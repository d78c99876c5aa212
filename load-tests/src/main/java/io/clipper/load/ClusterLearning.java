package io.clipper.load;

import io.clipper.load.ClusterClients.Labelled;
import io.clipper.load.ClusterClients.Receipt;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/**
 * What became of the labels of a cluster's clients: those that were taken count once, and none is lost. Of a policy with a fixed η the weights
 * are what one node's would be.
 */
final class ClusterLearning {
  private static final int SENT_AGAIN_AT_ONCE = 16;
  /** Fewer say nothing: the clients send several times as many. */
  private static final int LEAST_LABELS = 1_000;

  /** A crash loses what was not written yet: at most a group of the prediction log, and the write before it on a busy machine. */
  private static final Duration UNWRITTEN = Duration.ofSeconds(1);

  private static final Duration LABELS_LAST = Duration.ofSeconds(90);

  private ClusterLearning() {}

  /** Ends the asking. At least so many of a hundred labels are to find their query. */
  static void judge(ClusterNodes nodes, ClusterClients clients, double percent, Report report) throws IOException, InterruptedException {
    boolean settled = clients.finish(LABELS_LAST);
    report.bar(settled, "every label was taken or given up within %d s".formatted(LABELS_LAST.toSeconds()));
    String asked = nodes.names().getFirst();
    long joined = judge("at once", query -> !query.isLate(), clients, percent, report) + judge("later", Labelled::isLate, clients, percent, report);
    judgeLost(clients, report);
    long learned = nodes.observations(asked);
    report.bar(learned >= joined, "acknowledged, and not in the count of what was learned: %,d (0)".formatted(Math.max(0, joined - learned)));
    if (nodes.served().eta().isPresent()) {
      new SingleNode(nodes.served()).compare(nodes.state(asked), clients, report);
    }
    Queue<String> refusals = new ConcurrentLinkedQueue<>();
    long lost = clients.lost(nodes.process(asked).queryAddress(), SENT_AGAIN_AT_ONCE, refusals::add);
    if (!refusals.isEmpty()) {
      report.line("sent again, and refused at first: %,d, as by %s".formatted(refusals.size(), refusals.peek()));
      long taught = nodes.observations(asked) - learned;
      report.bar(taught == 0, "acknowledged, and counted only when they were sent again: %,d (0)".formatted(taught));
    }
    report.bar(lost == 0, "acknowledged, sent again, and not known as counted: %,d (0)".formatted(lost));
  }

  /**
   * Those sent at once and those sent later each for themselves: half of all would hide what the others lose.
   *
   * @return how many joined
   */
  private static long judge(String when, Predicate<Labelled> which, ClusterClients clients, double percent, Report report) {
    List<Receipt> receipts = clients.receipts().stream().filter(receipt -> which.test(receipt.query())).toList();
    long joined = receipts.stream().filter(Receipt::observed).count();
    long givenUp = clients.givenUp().stream().filter(which).count();
    long all = receipts.size() + givenUp;
    report.line("labels sent %s: %,d joined, %,d not, %,d that no node took".formatted(when, joined, receipts.size() - joined, givenUp));
    report.bar(all >= LEAST_LABELS, "labels sent %s: %,d (%,d)".formatted(when, all, LEAST_LABELS));
    // What a crash loses is a length of time: which share it is of all, how long was asked decides.
    report.timeBar(joined >= percent / 100 * all, "labels sent %s that joined: %.2f %% (%.0f)".formatted(when, 100.0 * joined / Math.max(1, all), percent));
    return joined;
  }

  /** A label finds its query, unless that was answered just before something happened to a node. One in doubt may have counted before. */
  private static void judgeLost(ClusterClients clients, Report report) {
    List<Long> faults = clients.faults();
    if (faults.isEmpty()) {
      return;
    }
    List<String> unexplained =
        clients.receipts().stream()
            .filter(receipt -> !receipt.observed() && !receipt.inDoubt() && faults.stream().noneMatch(fault -> isNear(fault, receipt.query())))
            .map(receipt -> away(receipt, faults))
            .toList();
    report.bar(
        unexplained.isEmpty(),
        "labels that did not join, of queries answered more than %d s from a fault: %s (none)".formatted(UNWRITTEN.toSeconds(), unexplained));
  }

  private static boolean isNear(long fault, Labelled query) {
    return Math.abs(query.answered() - fault) <= UNWRITTEN.toNanos();
  }

  private static String away(Receipt receipt, List<Long> faults) {
    long answered = receipt.query().answered();
    long fault = faults.stream().min(Comparator.comparingLong(each -> Math.abs(answered - each))).orElseThrow();
    return "answered %+.1f s from it, labelled %.1f s later".formatted((answered - fault) / 1e9, (receipt.at() - answered) / 1e9);
  }

  /** Seconds from then to the first label that counted afterwards. */
  static double secondsUntilLearning(ClusterClients clients, long from) {
    long first = clients.receipts().stream().filter(receipt -> receipt.observed() && receipt.at() > from).mapToLong(Receipt::at).min().orElse(Long.MAX_VALUE);
    return (first - from) / 1e9;
  }
}
