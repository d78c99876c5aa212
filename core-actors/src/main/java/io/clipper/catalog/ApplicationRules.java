package io.clipper.catalog;

/** What an application's settings must satisfy beyond what the catalog knows, such as the names of policies, combiners and losses. */
@FunctionalInterface
public interface ApplicationRules {
  /** Throws {@link IllegalArgumentException} with words for whoever set them. The models in it are those it is to be linked to. */
  void check(Application application);
}
