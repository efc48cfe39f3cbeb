package dev.hart.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The map of the house, checked: a module uses modules of lower floors only, and never a sibling.
 *
 * <p>Each module owns one root package {@code dev.hart.<name>}; every other package under {@code dev.hart} is hart-api's.
 */
class FloorsTest {

    /** Module (by its package below {@code dev.hart}) to the modules it may use besides itself and the api. */
    private static final Map<String, Set<String>> MAY_USE = Map.of(
            "store", Set.of(),
            "ledger", Set.of("store"),
            "security", Set.of(),
            "tools", Set.of(),
            "core", Set.of("store", "ledger", "security", "tools"),
            "testing", Set.of("core"),
            "langchain4j", Set.of(),
            "server", Set.of("core", "langchain4j"),
            "examples", Set.of("core"),
            "bench", Set.of("core", "testing", "langchain4j"));

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.hart");
    }

    @Test
    void everyModuleIsOnTheClassPathOfThisTest() {
        for (String module : MAY_USE.keySet()) {
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

    @ParameterizedTest
    @MethodSource("modules")
    void aModuleUsesLowerFloorsOnly(String module) {
        Set<String> others = new TreeSet<>(MAY_USE.keySet());
        others.remove(module);
        others.removeAll(MAY_USE.getOrDefault(module, Set.of()));
        noClasses()
                .that(areIn(module))
                .should()
                .dependOnClassesThat(areInOneOf(others))
                .allowEmptyShould(true)
                .check(classes);
    }

    static List<String> modules() {
        return MAY_USE.keySet().stream().sorted().toList();
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
        return parts.length > 2 && MAY_USE.containsKey(parts[2]) ? parts[2] : "api";
    }
}
