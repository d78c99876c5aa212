package io.clipper.replica;

import io.clipper.batch.BatchLimit;
import java.util.Map;

/** What the replicas of one model version tell about their work, and their host about them. */
public interface ReplicaMetrics {
  ReplicaMetrics NONE =
      new ReplicaMetrics() {
        @Override
        public void cut(int rows) {}

        @Override
        public void waited(long nanos) {}

        @Override
        public void computed(int rows, long nanos) {}

        @Override
        public void late(int rows) {}

        @Override
        public void predicted(int rows) {}

        @Override
        public void notPredicted(ModelReplicaActor.Reason reason, long nanos) {}

        @Override
        public void pending(Object copy, int rows) {}

        @Override
        public void underWay(Object copy, int batches) {}

        @Override
        public void limited(Object copy, BatchLimit limit) {}

        @Override
        public void gone(Object copy) {}

        @Override
        public void copies(Map<ReplicaStatus.State, Integer> states) {}

        @Override
        public void restarted() {}

        @Override
        public void loaded(long nanos) {}
      };

  /** A batch goes to the runtime. */
  void cut(int rows);

  /** A row of it was in the queue for so long. */
  void waited(long nanos);

  /** A batch came back, right or wrong. */
  void computed(int rows, long nanos);

  /** So many rows of it came back after their deadline. */
  void late(int rows);

  /** So many rows of it get an output. */
  void predicted(int rows);

  /** One that the replica had for so long gets no output. */
  void notPredicted(ModelReplicaActor.Reason reason, long nanos);

  /** So many rows wait at that copy now. */
  void pending(Object copy, int rows);

  /** So many of its batches are with the model now. */
  void underWay(Object copy, int batches);

  /** The most rows of its next batch, and why. */
  void limited(Object copy, BatchLimit limit);

  /** It waits, computes and limits no longer. */
  void gone(Object copy);

  /** So many copies are in each state now; none in those that are left out. */
  void copies(Map<ReplicaStatus.State, Integer> states);

  /** A copy stopped by itself. */
  void restarted();

  /** A copy is loaded and warm, so long after it was wanted. */
  void loaded(long nanos);
}
