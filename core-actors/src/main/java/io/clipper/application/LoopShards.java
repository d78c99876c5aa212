package io.clipper.application;

import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.ShardingMessageExtractor;

/** The shards of the loops: by hash, but partitions of the same number have one of their own, which {@link ShardPlacement} deals out. */
final class LoopShards extends ShardingMessageExtractor<ShardingEnvelope<ApplicationActor.Command>, ApplicationActor.Command> {
  private final int numberOfShards;

  LoopShards(int numberOfShards) {
    this.numberOfShards = numberOfShards;
  }

  @Override
  public String entityId(ShardingEnvelope<ApplicationActor.Command> envelope) {
    return envelope.entityId();
  }

  @Override
  public String shardId(String entityId) {
    int partition = Partitions.partitionOf(entityId);
    return Partitions.isSpread(partition) ? Partitions.spreadShard(partition) : Integer.toString(Math.abs(entityId.hashCode() % numberOfShards));
  }

  @Override
  public ApplicationActor.Command unwrapMessage(ShardingEnvelope<ApplicationActor.Command> envelope) {
    return envelope.message();
  }
}
