package io.clipper.catalog;

/**
 * A version that takes some of a model's queries while another is in use. Whose they are is decided by who asks: the same context gets
 * the same version for as long as the share does not shrink, on every node.
 */
public record Canary(String version, int percent) {
  /** The finalizer of MurmurHash3 (Appleby): each bit of what is asked about decides half of the places. */
  private static final long FIRST = 0xff51afd7ed558ccdL;

  private static final long SECOND = 0xc4ceb9fe1a85ec53L;

  public Canary {
    if (percent < 1 || percent > 99) {
      throw new IllegalArgumentException("a share of %d percent is outside 1..99".formatted(percent));
    }
  }

  /** Whether whoever asks gets this version of that model. Each model and version has others in its share. */
  public boolean takes(String model, String who) {
    long place = 0;
    String all = model + '\n' + version + '\n' + who;
    for (int i = 0; i < all.length(); i++) {
      place = mixed(place ^ all.charAt(i));
    }
    return Math.floorMod(place, 100L) < percent;
  }

  private static long mixed(long bits) {
    long mixed = (bits + 1) * FIRST;
    mixed = (mixed ^ (mixed >>> 33)) * SECOND;
    return mixed ^ (mixed >>> 29);
  }
}
