package io.clipper.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** What the folders promise: one chain of modules, and rules that know nothing of actors. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.clipper");

  @Test
  void dependenciesPointOneWay() {
    ArchRule rule =
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
                "io.clipper.certainty..",
                "io.clipper.change..",
                "io.clipper.context..",
                "io.clipper.feedback..",
                "io.clipper.batch..",
                "io.clipper.cache..",
                "io.clipper.catalog..",
                "io.clipper.artifact..",
                "io.clipper.backup..",
                "io.clipper.bulletin..",
                "io.clipper.replica..",
                "io.clipper.wire..",
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

    rule.check(CLASSES);
  }

  @Test
  void rulesKnowNothingOfActors() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAnyPackage("io.clipper.selection..", "io.clipper.combine..", "io.clipper.certainty..", "io.clipper.change..", "io.clipper.context..", "io.clipper.feedback..",
                "io.clipper.batch..", "io.clipper.cache..", "io.clipper.model..")
            .or()
            .haveNameMatching(
                "io\\.clipper\\.(application|catalog|replica)\\.(BackOff|ReplicaLoad|Routing|Hedging|FairShares|WantedReplicas|Placement|Catalog|CatalogDecision|Ledger|Answer|Bench|Candidates|Judgements)")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.pekko..");

    rule.check(CLASSES);
  }

  @Test
  void aModelsValuesImportNothingOfOurs() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage("io.clipper.model")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.clipper.model.runtime..",
                "io.clipper.application..",
                "io.clipper.bulletin..",
                "io.clipper.catalog..",
                "io.clipper.replica..",
                "io.clipper.wire..",
                "io.clipper.gateway..");

    rule.check(CLASSES);
  }

  @Test
  void rulesDoNotReachBack() {
    ArchRule rule =
        slices().matching("io.clipper.(selection|combine|certainty|change|model)..").should().beFreeOfCycles();

    rule.check(CLASSES);
  }
}
