package io.clipper.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the folders promise: one chain of modules, and rules that know nothing of actors. */
@AnalyzeClasses(packages = "io.clipper", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule dependenciesPointOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("node")
          .definedBy("io.clipper.node..")
          .layer("gateway")
          .definedBy("io.clipper.gateway..")
          .layer("core")
          .definedBy(
              "io.clipper",
              "io.clipper.application..",
              "io.clipper.selection..",
              "io.clipper.combine..",
              "io.clipper.feedback..",
              "io.clipper.cache..",
              "io.clipper.catalog..",
              "io.clipper.artifact..",
              "io.clipper.replica..",
              "io.clipper.storage..")
          .layer("model")
          .definedBy("io.clipper.model..")
          .whereLayer("node")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("gateway")
          .mayOnlyBeAccessedByLayers("node")
          .whereLayer("core")
          .mayOnlyBeAccessedByLayers("gateway", "node")
          .whereLayer("model")
          .mayOnlyBeAccessedByLayers("core", "gateway", "node");

  @ArchTest
  static final ArchRule rulesKnowNothingOfActors =
      noClasses()
          .that()
          .resideInAnyPackage("io.clipper.selection..", "io.clipper.combine..", "io.clipper.feedback..", "io.clipper.cache..", "io.clipper.model..")
          .or()
          .haveNameMatching(
              ".*\\.(AimdBatchSize|FixedBatchSize|DeadlineQueue|LatencyFit|BackOff|ReplicaLoad|WantedReplicas|Catalog|CatalogDecision|Ledger|Answer|Bench|Candidates|Judgements)")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.pekko..");

  @ArchTest
  static final ArchRule aModelsValuesImportNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage("io.clipper.model")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.clipper.model.runtime..", "io.clipper.application..", "io.clipper.catalog..", "io.clipper.replica..", "io.clipper.gateway..");

  @ArchTest
  static final ArchRule rulesDoNotReachBack =
      slices().matching("io.clipper.(selection|combine|model)..").should().beFreeOfCycles();
}
