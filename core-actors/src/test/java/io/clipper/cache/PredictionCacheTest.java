package io.clipper.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PredictionCacheTest {
  private static final ModelId V1 = new ModelId("svm", "1");
  private static final ModelId V2 = new ModelId("svm", "2");

  private final AtomicLong clock = new AtomicLong();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final PredictionCache cache = cache(4 << 20, Optional.empty());

  @Test
  void oneLookupGivesWhatEveryVersionSaid() {
    cache.put(Input.doubles(1, 2), V1, Output.of(10));
    cache.put(Input.doubles(1, 2), V2, Output.of(20));

    Known known = cache.lookup(Input.doubles(1, 2));

    assertThat(known.by(V1)).contains(Output.of(10));
    assertThat(known.by(V2)).contains(Output.of(20));
    assertThat(known.asMap()).containsOnlyKeys(V1, V2);
  }

  @Test
  void aSecondAnswerOfAVersionReplacesItsFirst() {
    cache.put(Input.doubles(1), V1, Output.of(10));
    cache.put(Input.doubles(1), V1, Output.of(11));

    assertThat(cache.lookup(Input.doubles(1)).asMap()).hasSize(1).containsEntry(V1, Output.of(11));
  }

  /** An optional tensor that is given is not the one that is missing, and whose tensor it is counts too. */
  @Test
  void aMissingTensorIsPartOfWhatAnAnswerIsKeptBy() {
    NamedTensor x = new NamedTensor("x", Tensor.ofInts(1));
    Input without = new Input(List.of(x));
    cache.put(without, V1, Output.of(10));

    assertThat(cache.lookup(new Input(List.of(x))).by(V1)).contains(Output.of(10));
    assertThat(cache.lookup(new Input(List.of(x, new NamedTensor("mask", Tensor.ofInts(0))))).by(V1)).isEmpty();
    assertThat(cache.lookup(new Input(List.of(new NamedTensor("mask", Tensor.ofInts(1))))).by(V1)).isEmpty();
  }

  @Test
  void whatCameOfLookupsIsCountedForEachVersionUntilItIsGone() {
    cache.lookups(V1).hit();
    cache.lookups(V1).miss();
    cache.lookups(V1).miss();
    cache.lookups(V2).coalesced();
    cache.lookup(Input.doubles(1));

    assertThat(counted(V1, "hit")).isEqualTo(1);
    assertThat(counted(V1, "miss")).isEqualTo(2);
    assertThat(counted(V1, "coalesced")).isZero();
    assertThat(counted(V2, "coalesced")).isEqualTo(1);

    cache.countOnly(Set.of(V2));
    assertThat(registry.find(Lookups.NAME).tag("model_version", V1.version()).counters()).isEmpty();
    assertThat(counted(V2, "coalesced")).isEqualTo(1);
    cache.lookups(V1).hit();
    assertThat(counted(V1, "hit")).isEqualTo(1);
  }

  private double counted(ModelId model, String result) {
    return registry.get(Lookups.NAME).tags("model_name", model.name(), "model_version", model.version(), "result", result).counter().count();
  }

  @Test
  void inputsWithEqualHashesKeepTheirOwnAnswers() {
    Map<Integer, Input> byHash = new HashMap<>();
    Input one = Input.doubles(0);
    Optional<Input> other = Optional.empty();
    for (int i = 1; other.isEmpty(); i++) {
      one = Input.doubles(i, 0.5);
      other = Optional.ofNullable(byHash.put(one.hashCode(), one));
    }

    cache.put(one, V1, Output.of("one"));
    cache.put(other.orElseThrow(), V1, Output.of("other"));

    assertThat(cache.lookup(one).by(V1)).contains(Output.of("one"));
    assertThat(cache.lookup(other.orElseThrow()).by(V1)).contains(Output.of("other"));
  }

  @Test
  void theSameBytesInAnotherShapeAreAnotherInput() {
    cache.put(Input.of(Tensor.ofDoubles(1, 2, 3, 4)), V1, Output.of(1));

    assertThat(cache.lookup(Input.of(Tensor.ofDoubles(1, 2, 3, 4).reshaped(2, 2))).by(V1)).isEmpty();
  }

  @Test
  void whatItHoldsStaysBelowItsBytes() {
    PredictionCache small = cache(100_000, Optional.empty());

    for (int i = 0; i < 10_000; i++) {
      small.put(Input.doubles(i, i + 1), V1, Output.of(i));
    }

    assertThat(small.sizeInBytes()).isBetween(50_000L, 100_000L);
    long each = PredictionCache.ENTRY_OVERHEAD_BYTES + 16 + PredictionCache.OUTPUT_OVERHEAD_BYTES + 8;
    assertThat(small.inputs()).isLessThanOrEqualTo(100_000 / each);
  }

  @Test
  void anInputLargerThanTheCacheIsNotKept() {
    PredictionCache small = cache(10_000, Optional.empty());
    small.put(Input.doubles(1), V1, Output.of(1));

    small.put(Input.of(Tensor.ofUnsignedBytes(new byte[20_000])), V1, Output.of(2));

    assertThat(small.lookup(Input.of(Tensor.ofUnsignedBytes(new byte[20_000]))).by(V1)).isEmpty();
    assertThat(small.lookup(Input.doubles(1)).by(V1)).isPresent();
  }

  @Test
  void anAnswerLivesItsTimeFromTheFirstOfItsInput() {
    PredictionCache mortal = cache(1 << 20, Optional.of(Duration.ofSeconds(10)));
    mortal.put(Input.doubles(1), V1, Output.of(1));

    clock.addAndGet(Duration.ofSeconds(9).toNanos());
    mortal.put(Input.doubles(1), V2, Output.of(2));
    assertThat(mortal.lookup(Input.doubles(1)).by(V1)).isPresent();
    clock.addAndGet(Duration.ofSeconds(2).toNanos());

    assertThat(mortal.lookup(Input.doubles(1)).by(V1)).isEmpty();
  }

  @Test
  void afterClearNothingIsKnown() {
    cache.put(Input.doubles(1), V1, Output.of(1));

    cache.clear();

    assertThat(cache.lookup(Input.doubles(1)).isEmpty()).isTrue();
  }

  @Test
  void answersOfManyThreadsToOneInputAreAllKept() throws InterruptedException {
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      ModelId model = new ModelId("model", "v" + t);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    awaitUninterruptibly(start);
                    for (int i = 0; i < 1000; i++) {
                      cache.put(Input.doubles(i), model, Output.of(i));
                    }
                  }));
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    for (int i = 0; i < 1000; i++) {
      assertThat(cache.lookup(Input.doubles(i)).size()).isEqualTo(4);
    }
  }

  private PredictionCache cache(long bytes, Optional<Duration> life) {
    return new PredictionCache(new CacheSettings(bytes, life), clock::get, registry);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
