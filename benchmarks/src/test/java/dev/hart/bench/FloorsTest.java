package dev.hart.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The map of the house, checked: a module uses modules of lower floors only, and never a sibling.
 *
 * <p>Each module owns one root package {@code dev.hart.<name>}; every other package under {@code dev.hart} is hart-api's.
 * A new module gets its line in {@link #FLOOR}.
 */
class FloorsTest {

    /** Module, by its package below {@code dev.hart}, to its floor. The api is floor 0. */
    private static final Map<String, Integer> FLOOR = Map.ofEntries(
            Map.entry("evidence", 0),
            Map.entry("store", 1),
            Map.entry("ledger", 2),
            Map.entry("security", 2),
            Map.entry("tools", 2),
            Map.entry("gpu", 2),
            Map.entry("core", 3),
            Map.entry("testing", 4),
            Map.entry("langchain4j", 4),
            Map.entry("embeddings", 4),
            Map.entry("llamacpp", 4),
            Map.entry("djl", 4),
            Map.entry("speech", 4),
            Map.entry("tinymodel", 4),
            Map.entry("server", 5),
            Map.entry("signing", 5),
            Map.entry("examples", 5),
            Map.entry("bench", 5));

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.hart");
    }

    @Test
    void everyModuleIsOnTheClassPathOfThisTest() {
        for (String module : FLOOR.keySet()) {
            assertThat(classes.stream().anyMatch(c -> moduleOf(c).equals(module)))
                    .as("a class of dev.hart." + module)
                    .isTrue();
        }
    }

    @Test
    void theApiUsesNothingButTheJdkAndJSpecify() {
        noClasses()
                .that(areIn("api"))
                .should()
                .dependOnClassesThat(DescribedPredicate.not(
                        areIn("api").or(resideInAnyPackage("java..", "org.jspecify.annotations.."))))
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void theVerifierOfEvidenceUsesNothingButTheJdk() {
        noClasses()
                .that(areIn("evidence"))
                .should()
                .dependOnClassesThat(DescribedPredicate.not(areIn("evidence").or(resideInAnyPackage("java.."))))
                .check(classes);
    }

    @Test
    void nothingDependsOnHartSigningSoNoNodeSignsAsAnAnchor() throws IOException {
        noClasses()
                .that(DescribedPredicate.not(areIn("signing")))
                .should()
                .dependOnClassesThat(areIn("signing")
                        .or(resideInAnyPackage(
                                "org.bouncycastle.cert..",
                                "org.bouncycastle.operator..",
                                "org.bouncycastle.openssl..",
                                "org.bouncycastle.pkcs..")))
                .because("a key of an anchor or issuer must not be usable from within a node")
                .check(classes);
        Path root = Path.of("").toAbsolutePath().getParent();
        try (Stream<Path> files = Files.walk(root, 3)) {
            List<Path> poms = files.filter(file -> file.endsWith("pom.xml")).toList();
            assertThat(poms).hasSizeGreaterThan(10);
            for (Path pom : poms) {
                String module = root.relativize(pom.getParent()).toString();
                if (!Set.of("", "hart-signing", "benchmarks").contains(module)) {
                    assertThat(Files.readString(pom))
                            .as(module + " must not depend on hart-signing or bcpkix")
                            .doesNotContain("hart-signing", "bcpkix");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modules")
    void aModuleUsesLowerFloorsOnly(String module) {
        Set<String> notBelow = new TreeSet<>(FLOOR.keySet());
        notBelow.remove(module);
        notBelow.removeIf(other -> FLOOR.get(other) < FLOOR.get(module));
        noClasses()
                .that(areIn(module))
                .should()
                .dependOnClassesThat(areInOneOf(notBelow))
                .allowEmptyShould(true)
                .check(classes);
    }

    static List<String> modules() {
        return FLOOR.keySet().stream().sorted().toList();
    }

    private static DescribedPredicate<JavaClass> areIn(String module) {
        return areInOneOf(Set.of(module));
    }

    private static DescribedPredicate<JavaClass> areInOneOf(Set<String> modules) {
        return DescribedPredicate.describe("are in " + modules, c -> modules.contains(moduleOf(c)));
    }

    /** The module that owns the class, {@code ""} for a class that is not HART's. */
    private static String moduleOf(JavaClass c) {
        String name = c.getPackageName();
        if (!name.equals("dev.hart") && !name.startsWith("dev.hart.")) {
            return "";
        }
        String[] parts = name.split("\\.", -1);
        return parts.length > 2 && FLOOR.containsKey(parts[2]) ? parts[2] : "api";
    }
}
