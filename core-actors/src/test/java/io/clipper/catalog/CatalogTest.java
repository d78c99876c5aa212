package io.clipper.catalog;

import static io.clipper.Refused.Reason.CONFLICT;
import static io.clipper.Refused.Reason.EXISTS;
import static io.clipper.Refused.Reason.INVALID;
import static io.clipper.Refused.Reason.NOT_FOUND;
import static io.clipper.catalog.CatalogExamples.ANY;
import static io.clipper.catalog.CatalogExamples.add;
import static io.clipper.catalog.CatalogExamples.after;
import static io.clipper.catalog.CatalogExamples.application;
import static io.clipper.catalog.CatalogExamples.link;
import static io.clipper.catalog.CatalogExamples.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import io.clipper.catalog.CatalogChange.AbortCanary;
import io.clipper.catalog.CatalogChange.DeleteApplication;
import io.clipper.catalog.CatalogChange.DeleteModelVersion;
import io.clipper.catalog.CatalogChange.Deploy;
import io.clipper.catalog.CatalogChange.PromoteCanary;
import io.clipper.catalog.CatalogChange.RollBack;
import io.clipper.catalog.CatalogChange.SetModelVersion;
import io.clipper.catalog.CatalogChange.SetReplicas;
import io.clipper.catalog.CatalogChange.StartCanary;
import io.clipper.catalog.CatalogChange.UnlinkModels;
import io.clipper.catalog.CatalogChange.UpdateApplication;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogTest {
  private static final Catalog LINKED =
      after(add(application("a", "integers")), add(version("m", "1", "integers")), link("a", "m"));

  @Test
  void anApplicationIsThereAsItWasAdded() {
    Application added = application("myappname", "integers");

    Catalog catalog = after(add(added));

    assertThat(catalog.application("myappname")).contains(added);
    assertThat(catalog.revision()).isEqualTo(1);
  }

  @Test
  void whatComesBackUnderItsNameIsAnother() {
    Catalog first = after(add(application("a", "integers")), add(version("m", "1", "integers")));
    Catalog again =
        after(
            add(application("a", "integers")),
            add(version("m", "1", "integers")),
            new DeleteApplication("a"),
            new DeleteModelVersion("m", "1"),
            add(application("a", "integers")),
            add(version("m", "1", "integers")));

    assertThat(again.incarnation("a")).isGreaterThan(first.incarnation("a"));
    assertThat(again.incarnation(new ModelId("m", "1"))).isGreaterThan(first.incarnation(new ModelId("m", "1")));
  }

  @Test
  void aVersionThatIsRolledBackToIsTheSame() {
    Catalog before = after(add(version("m", "1", "integers")));
    Catalog back = after(add(version("m", "1", "integers")), add(version("m", "2", "integers")), new SetModelVersion("m", "1"));

    assertThat(back.incarnation(new ModelId("m", "1"))).isEqualTo(before.incarnation(new ModelId("m", "1"))).isPositive();
  }

  @Test
  void anApplicationCannotBeAddedTwice() {
    Catalog catalog = after(add(application("a", "integers")));

    assertRefused(catalog, add(application("a", "doubles")), EXISTS, "application 'a' already exists");
  }

  @Test
  void anApplicationMayBeAddedWithItsLinks() {
    Catalog catalog = after(add(version("m", "1", "integers")), add(application("a", "ints", "m")));

    assertThat(catalog.application("a").orElseThrow().models()).containsExactly("m");
    assertRefused(catalog, add(application("b", "ints", "n")), NOT_FOUND, "No model with name 'n' exists.");
  }

  @Test
  void fiveHundredApplicationsAreKeptInOrderAndHalfOfThemCanGo() {
    Catalog catalog = after(IntStream.range(0, 500).mapToObj(i -> add(application("app" + i, "doubles"))).toArray(CatalogChange[]::new));

    Catalog left = after(catalog, IntStream.range(0, 250).mapToObj(i -> new DeleteApplication("app" + i)).toArray(CatalogChange[]::new));

    assertThat(catalog.applications()).hasSize(500);
    assertThat(left.applications().keySet()).containsExactlyElementsOf(IntStream.range(250, 500).mapToObj(i -> "app" + i).toList());
  }

  @Test
  void aDeletedApplicationIsGoneWithItsLinks() {
    Catalog catalog = after(LINKED, new DeleteApplication("a"), add(application("a", "integers")));

    assertThat(catalog.application("a").orElseThrow().models()).isEmpty();
    assertThat(catalog.models()).containsKey("m");
  }

  @Test
  void anUnknownApplicationCannotBeDeleted() {
    assertRefused(LINKED, new DeleteApplication("x"), NOT_FOUND, "Application 'x' does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "a,b", "a:b", "a@b", "a b", "a\u0000", "a\u00a0b", ".", "..", "\ud800"})
  void aNameThatCannotBePartOfAPathIsRefused(String name) {
    Refused refused = refusal(Catalog.EMPTY, add(application(name, "doubles")));

    assertThat(refused.reason()).isEqualTo(INVALID);
    assertThat(refused).hasMessageContaining("application name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2", "admin", "metrics", "health", "ping", "invocations", "openapi.json"})
  void aReservedNameIsRefused(String name) {
    assertRefused(Catalog.EMPTY, add(application(name, "doubles")), INVALID, "application name '" + name + "' is reserved");
  }

  @Test
  void aNameThatTheJournalHasNoRoomForIsRefused() {
    assertThat(refusal(Catalog.EMPTY, add(application("a".repeat(129), "doubles"))).reason()).isEqualTo(INVALID);
    assertThat(after(add(application("a".repeat(128), "doubles"))).applications()).hasSize(1);
  }

  @Test
  void anUpdateChangesWhatItGivesAndKeepsTheRest() {
    Application before = LINKED.application("a").orElseThrow();

    Catalog catalog = after(LINKED, update("a", Optional.of(Duration.ofMillis(50)), Optional.empty()));

    assertThat(catalog.application("a").orElseThrow())
        .isEqualTo(new Application("a", before.signature(), Duration.ofMillis(50), "4.3", before.learning(), List.of("m")));
  }

  @Test
  void anUpdateThatChangesNothingIsNoEvent() {
    assertThat(LINKED.decide(update("a", Optional.of(Duration.ofMillis(1)), Optional.of(LearningSettings.DEFAULT)), ANY)).isEmpty();
  }

  @Test
  void partitionsAndLossCannotChange() {
    Refused partitions = refusal(LINKED, update("a", Optional.empty(), Optional.of(learning("zero-one", "every-node", 0, 8))));
    Refused loss = refusal(LINKED, update("a", Optional.empty(), Optional.of(learning("absolute", "one", 0, 8))));

    assertThat(partitions.reason()).isEqualTo(CONFLICT);
    assertThat(partitions).hasMessageContaining("partitions").hasMessageContaining("'one'").hasMessageContaining("'every-node'");
    assertThat(loss.reason()).isEqualTo(CONFLICT);
    assertThat(loss).hasMessageContaining("loss").hasMessageContaining("'zero-one'").hasMessageContaining("'absolute'");
  }

  @Test
  void settingsOutsideTheirRangesAreRefused() {
    assertRefused(LINKED, update("a", Optional.empty(), Optional.of(learning("zero-one", "one", 1.5, 8))), INVALID, "shadow 1.5 is outside 0..1");
    assertRefused(
        LINKED, update("a", Optional.empty(), Optional.of(learning("zero-one", "one", Double.NaN, 8))), INVALID, "shadow NaN is outside 0..1");
    assertRefused(LINKED, update("a", Optional.empty(), Optional.of(learning("zero-one", "one", 0, 0))), INVALID, "max_asked 0 is below 1");
    assertThat(refusal(LINKED, update("a", Optional.of(Duration.ZERO.plusNanos(0)), Optional.empty())).reason()).isEqualTo(INVALID);
  }

  @Test
  void theRulesOfAnApplicationAreAskedOfWhatItWouldBecome() {
    ApplicationRules one =
        application -> {
          if (application.models().size() > 1) {
            throw new IllegalArgumentException("one model only");
          }
        };
    Catalog catalog = after(LINKED, add(version("n", "1", "integers")));

    Refused refused = catchThrowableOfType(Refused.class, () -> catalog.decide(link("a", "n"), one));

    assertThat(refused).hasMessage("one model only");
    assertThat(refused.reason()).isEqualTo(INVALID);
  }

  @Test
  void aModelIsThereAsItWasAddedAndInUse() {
    ModelVersion added = version("mymodelname", "4", "integers");

    Catalog catalog = after(add(added));

    assertThat(catalog.model("mymodelname").flatMap(Model::currentVersion)).contains(added);
    assertThat(catalog.model("mymodelname").orElseThrow().replicas()).isEqualTo(1);
  }

  @Test
  void aVersionCannotBeAddedTwiceNotEvenWithTheSameContent() {
    assertRefused(LINKED, add(version("m", "1", "integers")), EXISTS, "model with name 'm' and version '1' already exists");
  }

  @Test
  void commasAndColonsAreRefusedInNameVersionAndLabels() {
    assertRefused(
        LINKED, add(version("m,n", "1", "integers")), INVALID, "Invalid model name supplied: m,n. Contains one of: ',', ':'");
    assertRefused(
        LINKED, add(version("m", "1:2", "integers")), INVALID, "Invalid model version supplied: 1:2. Contains one of: ',', ':'");
    ModelVersion plain = version("m", "2", "integers");
    ModelVersion labelled =
        new ModelVersion(plain.id(), plain.signature(), plain.runtime(), plain.artifact(), List.of("x:y"), "", "", -1, true);
    assertRefused(LINKED, add(labelled), INVALID, "Invalid label supplied: x:y. Contains one of: ',', ':'");
    assertThat(refusal(LINKED, add(version("m/n", "1", "integers")))).hasMessageContaining("model name 'm/n' is not allowed");
  }

  @Test
  void anAliasOfTheInputTypeIsTheSameType() {
    assertThat(after(LINKED, add(version("m", "2", "ints"))).model("m").orElseThrow().current()).contains("2");
  }

  @Test
  void aNewVersionOfAnotherTypeIsRefusedWhileLinked() {
    assertRefused(
        LINKED,
        add(version("m", "2", "doubles")),
        CONFLICT,
        "Model with name 'm' is already linked to app 'a' using input type 'integers'. The input type you provided for a new version of the"
            + " model, 'doubles', is not compatible.");
    assertThat(after(LINKED, unlink("a", "m"), add(version("m", "2", "doubles"))).model("m").orElseThrow().current()).contains("2");
  }

  @Test
  void anyVersionCanBePutToUse() {
    Catalog catalog = after(add(version("m", "1", "integers")), add(version("m", "2", "integers")), add(version("m", "4", "integers")));

    assertThat(after(catalog, new SetModelVersion("m", "2")).model("m").orElseThrow().current()).contains("2");
    assertThat(catalog.decide(new SetModelVersion("m", "4"), ANY)).isEmpty();
    assertRefused(catalog, new SetModelVersion("x", "2"), NOT_FOUND, "Cannot set version for nonexistent model 'x'");
    assertRefused(
        catalog, new SetModelVersion("m", "11"), NOT_FOUND, "Cannot set non-existent version '11' for model with name 'm'");
  }

  @Test
  void aVersionOfAnotherTypeCannotBePutToUseWhileLinked() {
    Catalog catalog =
        after(add(version("m", "1", "doubles")), add(version("m", "2", "integers")), add(application("a", "integers", "m")));

    assertThat(refusal(catalog, new SetModelVersion("m", "1")))
        .hasMessageStartingWith("Model with name 'm' is already linked to app 'a' using input type 'integers'.");
    assertThat(refusal(catalog, new RollBack("m")).reason()).isEqualTo(CONFLICT);
  }

  @Test
  void aCanaryTakesAShareUntilAnotherVersionIsInUse() {
    Catalog catalog = after(add(version("m", "1", "ints")), add(version("m", "2", "ints")), new StartCanary("m", "1", 10));
    Catalog promoted = after(catalog, new PromoteCanary("m", Optional.empty()));

    assertThat(catalog.model("m").orElseThrow().current()).contains("2");
    assertThat(catalog.model("m").orElseThrow().canary()).contains(new Canary("1", 10));
    assertThat(after(catalog, new AbortCanary("m")).model("m").orElseThrow().canary()).isEmpty();
    assertThat(promoted.model("m").orElseThrow().current()).contains("1");
    assertThat(promoted.model("m").orElseThrow().canary()).isEmpty();
    assertThat(promoted.model("m").orElseThrow().previous()).containsExactly("2");
    assertThat(after(catalog, add(version("m", "3", "ints"))).model("m").orElseThrow().canary()).isEmpty();
    assertThat(after(catalog, new DeleteModelVersion("m", "1")).model("m").orElseThrow().canary()).isEmpty();
    assertThat(after(catalog, new DeleteModelVersion("m", "2")).model("m").orElseThrow().canary()).isEmpty();
    assertThat(catalog.decide(new StartCanary("m", "1", 10), ANY)).isEmpty();
    assertThat(after(catalog, new StartCanary("m", "1", 50)).model("m").orElseThrow().canary()).contains(new Canary("1", 50));
  }

  @Test
  void promotingAVersionThatIsInUseAlreadyIsNoFault() {
    Catalog catalog = after(add(version("m", "1", "ints")), add(version("m", "2", "ints")), new StartCanary("m", "1", 10));
    PromoteCanary named = new PromoteCanary("m", Optional.of("1"));
    Catalog promoted = after(catalog, named);

    assertThat(promoted.model("m").orElseThrow().current()).contains("1");
    assertThat(promoted.decide(named, ANY)).isEmpty();
    assertThat(after(promoted, new StartCanary("m", "2", 10)).decide(named, ANY)).isEmpty();
    assertRefused(
        after(catalog, add(version("m", "3", "ints")), new StartCanary("m", "2", 10)),
        named,
        CONFLICT,
        "version '2' of model 'm' takes a share of its queries, and not '1'");
    assertRefused(after(promoted, new RollBack("m")), named, CONFLICT, "no version of model 'm' takes a share of its queries");
  }

  @Test
  void aVersionMayComeAsACanary() {
    Catalog one = after(add(version("m", "1", "ints")));
    Deploy canary = new Deploy(version("m", "2", "ints"), Optional.empty(), Optional.empty(), Optional.of(10));
    Catalog two = after(one, canary);

    assertThat(two.model("m").orElseThrow().current()).contains("1");
    assertThat(two.model("m").orElseThrow().previous()).isEmpty();
    assertThat(two.model("m").orElseThrow().canary()).contains(new Canary("2", 10));
    assertThat(two.decide(canary, ANY)).isEmpty();
    assertRefused(
        Catalog.EMPTY, canary, CONFLICT, "model 'm' has no version in use that another could take queries from");
  }

  @Test
  void aShareIsOfAVersionThatIsThereAndNotInUse() {
    Catalog catalog = after(add(version("m", "1", "ints")), add(version("m", "2", "ints")));

    assertRefused(catalog, new StartCanary("m", "2", 10), CONFLICT, "version '2' of model 'm' is in use: it takes all queries");
    assertRefused(catalog, new StartCanary("m", "1", 100), INVALID, "a share of 100 percent is outside 1..99");
    assertRefused(catalog, new PromoteCanary("m", Optional.empty()), CONFLICT, "no version of model 'm' takes a share of its queries");
    assertThat(refusal(catalog, new StartCanary("m", "7", 10)).reason()).isEqualTo(NOT_FOUND);
    assertThat(catalog.decide(new AbortCanary("m"), ANY)).isEmpty();
  }

  @Test
  void rollBackGoesThroughTheVersionsThatWereInUseAndNeverForward() {
    Catalog three = after(add(version("m", "1", "ints")), add(version("m", "2", "ints")), add(version("m", "3", "ints")));

    Catalog two = after(three, new RollBack("m"));
    Catalog one = after(two, new RollBack("m"));

    assertThat(two.model("m").orElseThrow().current()).contains("2");
    assertThat(one.model("m").orElseThrow().current()).contains("1");
    assertRefused(one, new RollBack("m"), CONFLICT, "No version of model 'm' was in use before '1'");
    assertRefused(one, new RollBack("x"), NOT_FOUND, "No model with name 'x' exists.");
  }

  @Test
  void rollBackAfterASwitchIsTheVersionBeforeTheSwitch() {
    Catalog catalog =
        after(add(version("m", "1", "ints")), add(version("m", "2", "ints")), new SetModelVersion("m", "1"), new RollBack("m"));

    assertThat(catalog.model("m").orElseThrow().current()).contains("2");
  }

  @Test
  void anApplicationAsksAnyNumberOfModels() {
    Catalog catalog = after(LINKED, add(version("n", "1", "integers")), add(version("o", "1", "integers")), link("a", "n", "o"));

    assertThat(catalog.application("a").orElseThrow().models()).containsExactly("m", "n", "o");
    assertThat(catalog.candidates(catalog.application("a").orElseThrow())).extracting(ModelVersion::id)
        .containsExactly(new ModelId("m", "1"), new ModelId("n", "1"), new ModelId("o", "1"));
  }

  @Test
  void aLinkThatCannotBeIsRefusedInTheOriginalsWords() {
    Catalog catalog = after(LINKED, add(version("d", "1", "doubles")), add(version("n", "1", "integers")));

    assertRefused(catalog, link("x", "m"), NOT_FOUND, "No app with name 'x' exists.");
    assertRefused(catalog, link("a", "x"), NOT_FOUND, "No model with name 'x' exists.");
    assertRefused(
        catalog,
        link("a", "d"),
        CONFLICT,
        "Model with name 'd' has incompatible input_type 'doubles'. Requested app to link to has input_type 'integers'.");
    assertRefused(catalog, link("a"), INVALID, "Please provide the name of the model that you want to link to the application 'a'");
    assertRefused(catalog, link("a", "m"), EXISTS, "The model with name 'm' is already linked to 'a'");
    assertRefused(catalog, link("a", "n", "n"), EXISTS, "The model with name 'n' is already linked to 'a'");
  }

  @Test
  void floatsAndDoublesAreNotTheSame() {
    Catalog catalog = after(add(version("m", "1", "floats")), add(application("a", "doubles")));

    assertRefused(
        catalog,
        link("a", "m"),
        CONFLICT,
        "Model with name 'm' has incompatible input_type 'floats'. Requested app to link to has input_type 'doubles'.");
  }

  @Test
  void aLinkCanGoOnce() {
    Catalog catalog = after(LINKED, unlink("a", "m"));

    assertThat(catalog.application("a").orElseThrow().models()).isEmpty();
    assertRefused(catalog, unlink("a", "m"), NOT_FOUND, "Cannot remove nonexistent link between app a and model m");
    assertRefused(catalog, unlink("x", "m"), NOT_FOUND, "No app with name x exists.");
  }

  @Test
  void aVersionCanBeDeletedOnce() {
    Catalog catalog = after(LINKED, add(version("m", "2", "integers")), new DeleteModelVersion("m", "1"));

    assertThat(catalog.model("m").orElseThrow().versions()).containsOnlyKeys("2");
    assertRefused(
        catalog, new DeleteModelVersion("m", "1"), NOT_FOUND, "model with name 'm' and version '1' does not exist");
    assertRefused(catalog, new RollBack("m"), CONFLICT, "No version of model 'm' was in use before '2'");
  }

  @Test
  void withoutItsVersionInUseAModelFallsBackToTheLatestBeforeThatFitsItsLinks() {
    Catalog catalog =
        after(
            add(version("m", "1", "integers")),
            add(version("m", "2", "doubles")),
            add(version("m", "3", "integers")),
            add(application("a", "integers", "m")));

    Catalog linked = after(catalog, new DeleteModelVersion("m", "3"));
    Catalog unlinked = after(catalog, unlink("a", "m"), new DeleteModelVersion("m", "3"));

    assertThat(linked.model("m").orElseThrow().current()).contains("1");
    assertThat(unlinked.model("m").orElseThrow().current()).contains("2");
  }

  @Test
  void aModelOfNoVersionStaysWhileItIsLinkedAndGoesWithItsLastLink() {
    Catalog none = after(LINKED, new DeleteModelVersion("m", "1"));

    assertThat(none.model("m").orElseThrow().current()).isEmpty();
    assertThat(none.candidates(none.application("a").orElseThrow())).isEmpty();
    assertThat(after(none, unlink("a", "m")).models()).isEmpty();
    assertThat(after(none, new DeleteApplication("a")).models()).isEmpty();
    assertThat(after(none, add(version("m", "2", "integers"))).model("m").orElseThrow().current()).contains("2");
  }

  @Test
  void anUnlinkedModelGoesWithItsLastVersion() {
    assertThat(after(add(version("m", "1", "ints")), new DeleteModelVersion("m", "1")).models()).isEmpty();
  }

  @Test
  void deployMakesVersionApplicationAndLinkInOneStep() {
    Catalog catalog = after(deploy(version("m", "1", "doubles"), 3, application("a", "doubles")));

    assertThat(catalog.application("a").orElseThrow().models()).containsExactly("m");
    assertThat(catalog.model("m").orElseThrow().replicas()).isEqualTo(3);
    assertThat(catalog.model("m").orElseThrow().current()).contains("1");
  }

  @Test
  void deployAgainChangesNothingAndSucceeds() {
    CatalogChange deploy = deploy(version("m", "1", "doubles"), 3, application("a", "doubles"));

    assertThat(after(deploy).decide(deploy, ANY)).isEmpty();
  }

  @Test
  void deployOfAnotherContentUnderTheSameVersionIsRefused() {
    assertRefused(
        LINKED,
        new Deploy(version("m", "1", "doubles"), Optional.empty(), Optional.empty()),
        EXISTS,
        "model with name 'm' and version '1' already exists");
  }

  @Test
  void deployLinksAnApplicationThatIsThereAndLeavesItsSettings() {
    Application other =
        new Application("a", Signature.named("integers"), Duration.ofSeconds(9), "other", LearningSettings.DEFAULT, List.of());

    Catalog catalog = after(LINKED, deploy(version("n", "1", "integers"), 1, other));

    assertThat(catalog.application("a").orElseThrow()).isEqualTo(application("a", "integers", "m", "n"));
  }

  @Test
  void deployIsDoneAsAWholeOrNotAtAll() {
    assertThat(refusal(LINKED, deploy(version("n", "1", "doubles"), 1, application("a", "doubles"))).reason()).isEqualTo(CONFLICT);
  }

  @Test
  void aDeployedVersionThatWasLeftIsInUseAgain() {
    Catalog catalog = after(LINKED, add(version("m", "2", "integers")));

    Catalog again = after(catalog, new Deploy(version("m", "1", "integers"), Optional.empty(), Optional.empty()));

    assertThat(again.model("m").orElseThrow().current()).contains("1");
  }

  @Test
  void replicasAreKeptFromVersionToVersionAndCanBeSet() {
    Catalog catalog = after(LINKED, new SetReplicas("m", 4), add(version("m", "2", "integers")));

    assertThat(catalog.model("m").orElseThrow().replicas()).isEqualTo(4);
    assertThat(after(catalog, new SetReplicas("m", 0)).model("m").orElseThrow().replicas()).isZero();
    assertThat(after(catalog, new SetReplicas("m", Model.EVERY_NODE)).model("m").orElseThrow().replicas()).isEqualTo(Model.EVERY_NODE);
    assertRefused(catalog, new SetReplicas("m", -2), INVALID, "replicas -2 is outside 0..1000");
    assertRefused(catalog, new SetReplicas("x", 1), NOT_FOUND, "No model with name 'x' exists.");
  }

  @Test
  void aContainerlessModelHasNoReplicasToSet() {
    ModelVersion announced =
        ModelVersion.of(new ModelId("m", "1"), Signature.named("doubles"), new RuntimeSpec.Announced(), Optional.empty());

    Refused refused = refusal(after(add(announced)), new SetReplicas("m", 2));

    assertThat(refused).hasMessageContaining("Cannot resize the replica set for containerless model");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverIsAskedLinksAndVersionsInUseExistAndFit(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Catalog catalog = Catalog.EMPTY;
    for (int step = 0; step < 400; step++) {
      CatalogChange change = anyChange(random);
      try {
        catalog = after(catalog, change);
      } catch (Refused refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
      assertConsistent(catalog);
    }
    assertThat(catalog.revision()).isGreaterThan(50);
  }

  private static void assertConsistent(Catalog catalog) {
    for (Application application : catalog.applications().values()) {
      assertThat(catalog.models().keySet().containsAll(application.models())).isTrue();
      assertThat(application.models()).doesNotHaveDuplicates();
      assertThat(catalog.candidates(application)).allMatch(version -> version.signature().agreesWith(application.signature()));
    }
    for (Model model : catalog.models().values()) {
      assertThat(model.versions().isEmpty() && catalog.applicationsOf(model.name()).isEmpty()).isFalse();
      assertThat(model.versions().keySet().containsAll(model.previous())).isTrue();
      assertThat(model.current().stream().allMatch(model.versions()::containsKey)).isTrue();
      assertThat(model.current().stream().noneMatch(model.previous()::contains)).isTrue();
      assertThat(model.previous()).doesNotHaveDuplicates();
      assertThat(model.canary().stream().map(Canary::version).allMatch(model.versions()::containsKey)).isTrue();
      assertThat(model.canary().map(Canary::version)).isNotEqualTo(model.current().or(() -> Optional.of("")));
    }
  }

  private static CatalogChange anyChange(RandomGenerator random) {
    String application = "a" + random.nextInt(3);
    String model = "m" + random.nextInt(3);
    String version = "" + random.nextInt(4);
    String type = random.nextInt(4) == 0 ? "doubles" : "integers";
    return switch (random.nextInt(13)) {
      case 0 -> add(application(application, type));
      case 1 -> new DeleteApplication(application);
      case 2, 3 -> link(application, model);
      case 4 -> unlink(application, model);
      case 5 -> add(version(model, version, type));
      case 6 -> deploy(version(model, version, type), 1, application(application, type));
      case 7 -> new SetModelVersion(model, version);
      case 8 -> new RollBack(model);
      case 9 -> new StartCanary(model, version, 10);
      case 10 -> new PromoteCanary(model, Optional.empty());
      case 11 -> new Deploy(version(model, version, type), Optional.of(1), Optional.empty(), Optional.of(20));
      default -> new DeleteModelVersion(model, version);
    };
  }

  private static LearningSettings learning(String loss, String partitions, double shadow, int maxAsked) {
    return new LearningSettings(
        Optional.empty(), Map.of(), Optional.empty(), Map.of(), loss, Optional.empty(), Optional.empty(), 0, "default", partitions, shadow, 1, 0.5, maxAsked,
        CertaintySettings.DEFAULT);
  }

  private static CatalogChange update(String name, Optional<Duration> slo, Optional<LearningSettings> learning) {
    return new UpdateApplication(name, slo, Optional.empty(), learning);
  }

  private static CatalogChange unlink(String application, String... models) {
    return new UnlinkModels(application, List.of(models));
  }

  private static CatalogChange deploy(ModelVersion version, int replicas, Application application) {
    return new Deploy(version, Optional.of(replicas), Optional.of(application));
  }

  private static void assertRefused(Catalog catalog, CatalogChange change, Refused.Reason reason, String message) {
    Refused refused = refusal(catalog, change);
    assertThat(refused).hasMessage(message);
    assertThat(refused.reason()).isEqualTo(reason);
  }

  private static Refused refusal(Catalog catalog, CatalogChange change) {
    return catchThrowableOfType(Refused.class, () -> catalog.decide(change, ANY));
  }
}
