package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script in a checkout of its own, with JDKs and a Maven that only print how they were called. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class ClipperScriptTest {
  private static final List<String> TOOLS =
      List.of("awk", "bash", "cat", "dirname", "find", "grep", "head", "mkdir", "mv", "readlink", "rm", "sed", "sleep", "tee", "touch");

  @TempDir private Path folder = Path.of("");
  private Path home = Path.of("");

  private record Run(int code, String out, String err) {}

  @BeforeEach
  void checkout() throws IOException {
    home = Files.createDirectories(folder.toRealPath().resolve("a checkout"));
    Files.copy(Path.of("..", "clipper").toAbsolutePath().normalize(), home.resolve("clipper"));
    assertThat(home.resolve("clipper").toFile().setExecutable(true)).isTrue();
    Files.createDirectories(home.resolve("module/src/main"));
    Files.writeString(home.resolve("pom.xml"), "");
    Files.createDirectories(home.resolve("cluster-config/target/clipper/lib"));
    stamp(Instant.now().plusSeconds(60));
  }

  @Test
  void withoutAJdkOneLineSaysWhatToInstall() throws Exception {
    Run run = clipper(home.resolve("clipper"), Map.of("JAVA_HOME", jdk("old", "17.0.15").toString()), "status");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("clipper: needs a JDK 21 or later").hasLineCount(1);
  }

  @Test
  void itWorksThroughSymlinksOfSeveralLevels() throws Exception {
    Path elsewhere = Files.createDirectories(folder.resolve("bin"));
    Files.createSymbolicLink(elsewhere.resolve("second"), Path.of("../a checkout/clipper"));
    Files.createSymbolicLink(elsewhere.resolve("clipper"), Path.of("second"));
    Run run = clipper(elsewhere.resolve("clipper"), Map.of("JAVA_HOME", jdk("new", "21.0.2").toString()), "predict", "a b");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("-Dclipper.home=" + home.toRealPath(), "io.clipper.node.Main\npredict\na b\n");
  }

  @Test
  void aNewEnoughJavaHomeWinsAndTheQuietFlagsFitItsRelease() throws Exception {
    Run on21 = clipper(home.resolve("clipper"), Map.of("JAVA_HOME", jdk("a", "21").toString()), "status");
    Run on25 = clipper(home.resolve("clipper"), Map.of("JAVA_HOME", jdk("b", "25.0.1+8").toString()), "status");
    assertThat(on21.out()).contains("--enable-native-access").doesNotContain("--sun-misc");
    assertThat(on25.out()).contains("--enable-native-access", "--sun-misc-unsafe-memory-access=allow");
  }

  @Test
  void ofTheUsualFoldersTheNewestWithLongSupportIsTaken() throws Exception {
    for (String version : new String[] {"17", "21.0.4", "25.0.1", "26"}) {
      jdk("root/usr/lib/jvm/jdk-" + version, version);
    }
    Run run = clipper(home.resolve("clipper"), Map.of("CLIPPER_JDK_ROOT", folder.resolve("root").toString()), "status");
    assertThat(run.out()).startsWith("jdk-25.0.1");
  }

  @Test
  void jdkPrintsItsFolderAndBuildsNothing() throws Exception {
    stamp(Instant.EPOCH);
    Path jdk = jdk("a", "21");
    Run run = clipper(home.resolve("clipper"), Map.of("JAVA_HOME", jdk.toString()), "jdk");
    assertThat(run.out()).isEqualTo(jdk + "\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void upHasTheNodesFlagsAndOtherVerbsTheQuickOnes() throws Exception {
    Map<String, String> environment = Map.of("JAVA_HOME", jdk("a", "21").toString(), "CLIPPER_JAVA_OPTS", "-Dx=1 -Dy=2");
    assertThat(clipper(home.resolve("clipper"), environment, "up").out()).contains("-Dx=1\n-Dy=2").doesNotContain("TieredStopAtLevel");
    assertThat(clipper(home.resolve("clipper"), environment, "status").out()).contains("-Dx=1\n-Dy=2", "-XX:TieredStopAtLevel=1");
  }

  @Test
  void withoutMavenOneLineSaysSo() throws Exception {
    stamp(Instant.EPOCH);
    Run run = clipper(home.resolve("clipper"), Map.of("JAVA_HOME", jdk("a", "21").toString()), "status");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("clipper: building needs Maven").hasLineCount(1);
  }

  @Test
  void newerSourcesAreBuiltOnceAndThenNotAgain() throws Exception {
    stamp(Instant.EPOCH);
    Map<String, String> environment = withMaven("mkdir -p cluster-config/target/clipper/lib\necho '[INFO] Building module 0.1 [1/1]'");
    Run first = clipper(home.resolve("clipper"), environment, "status");
    assertThat(first.code()).isZero();
    assertThat(first.err()).contains("first start", "[1/1] module", "built in");
    assertThat(clipper(home.resolve("clipper"), environment, "status").err()).isEmpty();
    Files.setLastModifiedTime(home.resolve("module/src/main"), FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(clipper(home.resolve("clipper"), environment, "status").err()).contains("newer than the build");
  }

  @Test
  void aBuildWithoutNetworkNamesTheCauseAndTheLogInOneLine() throws Exception {
    stamp(Instant.EPOCH);
    Run run =
        clipper(home.resolve("clipper"), withMaven("echo '[ERROR] Could not transfer x: Unknown host repo.example: y'; exit 1"), "status");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines().toList().getLast())
        .contains("could not download a library (Unknown host repo.example)", "cluster-config/target/clipper/build.log");
  }

  @Test
  void aBuildWithoutSpaceNamesTheDiskAndTheLogInOneLine() throws Exception {
    stamp(Instant.EPOCH);
    Run run = clipper(home.resolve("clipper"), withMaven("echo '[ERROR] x.jar: No space left on device'; exit 1"), "status");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines().toList().getLast())
        .contains("no space left on the disk of " + home, "cluster-config/target/clipper/build.log");
  }

  @Test
  void aBuildThatFailsPrintsItsErrorsAndIsTriedAgain() throws Exception {
    stamp(Instant.EPOCH);
    Map<String, String> environment = withMaven("echo '[ERROR] A.java:[3,4] cannot find symbol'; exit 1");
    assertThat(clipper(home.resolve("clipper"), environment, "status").err()).contains("A.java:[3,4]", "the build failed; log:");
    assertThat(clipper(home.resolve("clipper"), environment, "status").err()).contains("A.java:[3,4]");
  }

  private void stamp(Instant time) throws IOException {
    Path stamp = home.resolve("cluster-config/target/clipper/built");
    Files.writeString(stamp, "");
    Files.setLastModifiedTime(stamp, FileTime.from(time));
  }

  private Map<String, String> withMaven(String script) throws IOException {
    Path tools = Files.createDirectories(folder.resolve("maven"));
    program(tools.resolve("mvn"), script);
    return Map.of("JAVA_HOME", jdk("a", "21").toString(), "PATH", tools + ":" + plainPath());
  }

  /** A folder that looks like a JDK; its java prints its folder's name and its arguments, one a line. */
  private Path jdk(String name, String version) throws IOException {
    Path root = Files.createDirectories(folder.resolve(name));
    Files.createDirectories(root.resolve("bin"));
    Files.writeString(root.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    program(root.resolve("bin/java"), "echo " + root.getFileName() + "\nprintf '%s\\n' \"$@\"");
    program(root.resolve("bin/javac"), "");
    return root;
  }

  private static void program(Path file, String script) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static Path where(String tool) {
    Path usual = Path.of("/usr/bin", tool);
    return Files.exists(usual) ? usual : Path.of("/bin", tool);
  }

  /** Without java and mvn on PATH, and without a JDK in the usual folders, unless the environment says so. */
  private Run clipper(Path script, Map<String, String> environment, String... words) throws IOException, InterruptedException {
    ProcessBuilder process = new ProcessBuilder("bash", script.toString());
    process.command().addAll(List.of(words));
    process.directory(folder.toFile());
    process.environment().clear();
    process.environment().put("PATH", plainPath());
    process.environment().put("HOME", folder.toString());
    process.environment().put("CLIPPER_JDK_ROOT", folder.resolve("none").toString());
    process.environment().putAll(environment);
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    int code = process.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Run(code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
  }

  /** A folder of just the tools that the script uses. */
  private String plainPath() throws IOException {
    Path tools = folder.resolve("plain");
    if (!Files.exists(tools)) {
      Files.createDirectories(tools);
      for (String tool : TOOLS) {
        Files.createSymbolicLink(tools.resolve(tool), where(tool));
      }
    }
    return tools.toString();
  }
}
