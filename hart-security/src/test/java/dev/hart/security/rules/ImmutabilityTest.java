package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hart.security.Guardrails;
import dev.hart.security.canonical.CanonicalText;
import dev.hart.security.canonical.SignedBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What "nothing can change the rules" means here, and where it ends. */
class ImmutabilityTest {
    private static final Set<Class<?>> IMMUTABLE =
            Set.of(String.class, BigDecimal.class, List.class, Set.class, Map.class);

    @ParameterizedTest
    @MethodSource("classes")
    void no_class_can_be_extended_except_the_interfaces_that_a_host_fills(Class<?> type) {
        boolean filledByTheHost = type == SignatureCheck.class || type == QuarantineStore.class;
        boolean inner = !Modifier.isPublic(type.getModifiers()) && type.isInterface();
        assertThat(Modifier.isFinal(type.getModifiers())
                        || filledByTheHost
                        || inner
                        || type.isEnum()
                        || type.isAnonymousClass())
                .as(type.getName())
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("classes")
    void no_state_is_static_and_changeable_and_no_public_field_can_be_set(Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            if (field.isSynthetic()) {
                continue;
            }
            if (Modifier.isStatic(field.getModifiers()) || Modifier.isPublic(field.getModifiers())) {
                assertThat(Modifier.isFinal(field.getModifiers()))
                        .as(field.toString())
                        .isTrue();
            }
            if (Modifier.isPublic(field.getModifiers())) {
                assertThat(field.getType().isPrimitive()
                                || field.getType().isEnum()
                                || field.getType().isRecord()
                                || IMMUTABLE.contains(field.getType()))
                        .as(field.toString())
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("classes")
    void no_method_is_a_setter(Class<?> type) {
        for (Method method : type.getDeclaredMethods()) {
            assertThat(method.getName())
                    .as(method.toString())
                    .doesNotMatch(
                            "(set|add|remove|replace|disable|register)(Rule|Cap|Weight|Pattern|Threshold|Limit).*");
        }
    }

    @Test
    void what_the_constitution_hands_out_cannot_be_changed() {
        List<Object> collections = new ArrayList<>(List.of(
                Constitution.RULES,
                Constitution.PURPOSE_STATEMENTS,
                Constitution.WISDOM,
                Constitution.PROHIBITED_CATEGORIES,
                Constitution.PROHIBITED_SKILLS,
                Constitution.PROTECTED_FILES,
                Constitution.PROTECTED_FOLDERS,
                TrustContract.TERMS,
                TrustContract.TERMS.get(0).terms(),
                Constitution.asJson(),
                ClassDigests.ofRules().byClass()));
        collections.addAll(Constitution.asJson().values());
        String before = Constitution.sha256();
        for (Object collection : collections) {
            if (collection instanceof Collection<?> items) {
                assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(items::clear);
            } else if (collection instanceof Map<?, ?> fields) {
                assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(fields::clear);
            }
        }
        assertThat(Constitution.sha256()).isEqualTo(before);
    }

    @Test
    void data_is_copied_at_the_way_in() {
        List<String> settings = new ArrayList<>(List.of("a"));
        Goal goal = new Goal("t", "d", settings);
        settings.add("b");
        assertThat(goal.settings()).containsExactly("a");
        assertThatThrownBy(() -> goal.settings().add("c")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void reflection_writes_no_static_final_value_and_no_record() throws Exception {
        Field cap = Caps.class.getField("SKILL_PACKETS_PER_HOUR");
        cap.trySetAccessible();
        assertThatExceptionOfType(IllegalAccessException.class).isThrownBy(() -> cap.setInt(null, 1_000));
        Field rules = Constitution.class.getField("RULES");
        rules.trySetAccessible();
        assertThatExceptionOfType(IllegalAccessException.class).isThrownBy(() -> rules.set(null, List.of()));
        Field text = Rule.class.getDeclaredField("text");
        text.trySetAccessible();
        assertThatExceptionOfType(IllegalAccessException.class)
                .isThrownBy(() -> text.set(Constitution.RULES.get(0), "Do as you like."));
        Field points = FraudAlert.class.getDeclaredField("points");
        assertThat(Modifier.isFinal(points.getModifiers())).isTrue();
    }

    @Test
    void on_the_module_path_deep_reflection_is_refused() throws Exception {
        Path home = home();
        assumeTrue(Files.exists(home.resolve("module-info.class")), "compiled without its module-info");
        assumeTrue(ModuleLayer.boot().findModule("dev.hart.api").isPresent(), "this JVM runs on the class path");
        // The tests' own module is opened to the test runner; this second one is as a user gets it.
        Configuration plan = ModuleLayer.boot()
                .configuration()
                .resolve(ModuleFinder.of(home), ModuleFinder.of(), Set.of("dev.hart.security"));
        ClassLoader loader = ModuleLayer.boot()
                .defineModulesWithOneLoader(plan, ClassLoader.getSystemClassLoader())
                .findLoader("dev.hart.security");
        Class<?> constitution = loader.loadClass(Constitution.class.getName());
        assertThat(constitution.getModule().isNamed()).isTrue();
        assertThat(constitution).isNotSameAs(Constitution.class);
        Constructor<?> constructor = constitution.getDeclaredConstructor();
        assertThatExceptionOfType(InaccessibleObjectException.class).isThrownBy(() -> constructor.setAccessible(true));
        Field vectors = loader.loadClass(RuleVectors.class.getName()).getDeclaredField("VECTORS");
        assertThatExceptionOfType(InaccessibleObjectException.class).isThrownBy(() -> vectors.setAccessible(true));
        Field guardrails = loader.loadClass(HiveEthos.class.getName()).getDeclaredField("guardrails");
        assertThatExceptionOfType(InaccessibleObjectException.class).isThrownBy(() -> guardrails.setAccessible(true));
    }

    @Test
    void the_digests_cover_every_class_of_the_package_and_how_it_is_hashed() throws Exception {
        Path folder = home().resolve(Constitution.class.getPackageName().replace('.', '/'));
        try (Stream<Path> files = Files.list(folder)) {
            Stream<String> rules = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.startsWith("package-info"))
                    .map(name -> Constitution.class.getPackageName() + "." + name.substring(0, name.length() - 6))
                    .filter(name -> !name.matches(".*\\.(\\w*Test|TestClock|Rules)(\\$.*)?"));
            List<String> names = Stream.concat(
                            rules, Stream.of(CanonicalText.class.getName(), SignedBytes.class.getName()))
                    .toList();
            assertThat(ClassDigests.ofRules().byClass()).containsOnlyKeys(names);
        }
        assertThat(ClassDigests.ofRules().byClass().values()).allMatch(digest -> digest.matches("[0-9a-f]{64}"));
    }

    @Test
    void an_unchanged_build_differs_in_nothing() {
        ClassDigests digests = ClassDigests.ofRules();
        assertThat(digests.differences(digests.lines())).isEmpty();
        assertThat(digests.sha256())
                .isEqualTo(ClassDigests.ofRules().sha256())
                .isEqualTo(SignedBytes.sha256(digests.lines()));
    }

    @Test
    void a_list_counts_only_when_the_release_key_signed_it() {
        var release = dev.hart.security.NodeKey.inMemory();
        ClassDigests digests = ClassDigests.ofRules();
        String lines = digests.lines();
        String signature = HexFormat.of().formatHex(release.sign(ClassDigests.toSign(lines)));
        String key = TrustContractsTest.hex(release);
        assertThat(digests.differences(lines, signature, key, TrustContractsTest.ED25519))
                .isEmpty();
        assertThat(digests.differences(lines + "\n", signature, key, TrustContractsTest.ED25519))
                .containsExactly("the list of class digests is not signed by the release key");
        assertThat(digests.differences(lines, "00", key, TrustContractsTest.ED25519))
                .hasSize(1);
    }

    @Test
    void a_class_that_was_changed_added_or_left_out_is_named() {
        String lines = ClassDigests.ofRules().lines();
        String caps = Caps.class.getName();
        assertThat(ClassDigests.ofRules()
                        .differences(lines.replaceFirst("[0-9a-f]{64} " + caps, "0".repeat(64) + " " + caps)))
                .containsExactly("class " + caps + " was changed");
        assertThat(ClassDigests.ofRules().differences(lines.replaceFirst("[0-9a-f]{64} " + caps + "\n", "")))
                .containsExactly("class " + caps + " is not on the list");
        assertThat(ClassDigests.ofRules().differences(lines + "0".repeat(64) + " dev.hart.Gone\n" + "broken"))
                .containsExactly(
                        "the list of class digests has a line without a class: broken",
                        "class dev.hart.Gone is missing");
    }

    @Test
    void every_vector_holds_on_this_build() {
        assertThat(RuleVectors.selfTest(Guardrails.builtIn())).isEmpty();
        assertThat(RuleVectors.size()).isEqualTo(RuleVectors.vectors().size()).isGreaterThan(30);
    }

    /** A class of the same name that lets everything weigh 5 goes before the real one. */
    @Test
    void a_replaced_class_is_noticed_by_its_digest_by_its_place_and_by_what_it_does(@TempDir Path folder)
            throws Exception {
        Path source = Files.createDirectories(folder.resolve("src")).resolve("ComputeDemocracy.java");
        Files.writeString(source, """
                package dev.hart.security.rules;
                public final class ComputeDemocracy {
                    public static java.math.BigDecimal weight(int gpus, double ramGb) { return new java.math.BigDecimal("5.000000"); }
                    public static dev.hart.Spark adjustedReward(dev.hart.Spark base, java.math.BigDecimal weight) { return base; }
                }
                """, StandardCharsets.UTF_8);
        Path fake = Files.createDirectories(folder.resolve("fake"));
        Path api = home(dev.hart.Spark.class);
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(complaints, true, StandardCharsets.UTF_8);
        int answer = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-proc:none", "-d", fake.toString(), "-cp", api.toString(), source.toString());
        assertThat(answer).as(complaints.toString(StandardCharsets.UTF_8)).isZero();

        String genuine = ClassDigests.ofRules().lines();
        URL[] places = {fake.toUri().toURL(), home().toUri().toURL()};
        try (URLClassLoader loader = new RulesFirst(places, getClass().getClassLoader())) {
            Class<?> digests = loader.loadClass(ClassDigests.class.getName());
            assertThat(digests).isNotSameAs(ClassDigests.class);
            Object inside = digests.getMethod("ofRules").invoke(null);
            assertThat((List<?>) digests.getMethod("differences", String.class).invoke(inside, genuine))
                    .asString()
                    .contains(
                            "class dev.hart.security.rules.ComputeDemocracy comes from another place than its neighbours")
                    .contains("class dev.hart.security.rules.ComputeDemocracy was changed")
                    .contains("class dev.hart.security.rules.ComputeDemocracy$NodeWeight is missing");
            Object failures = loader.loadClass(RuleVectors.class.getName())
                    .getMethod("selfTest", Guardrails.class)
                    .invoke(null, Guardrails.builtIn());
            assertThat(failures)
                    .asString()
                    .contains("weight-1 (1 GPU, 8 GB) must give 1.000000, gave 5.000000")
                    .contains("weight-negative")
                    .contains("reward");
        }
    }

    static Stream<Class<?>> classes() throws ClassNotFoundException {
        List<Class<?>> classes = new ArrayList<>();
        for (String name : ClassDigests.ofRules().byClass().keySet()) {
            classes.add(Class.forName(name));
        }
        return classes.stream();
    }

    private static Path home() throws URISyntaxException {
        return home(Constitution.class);
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        URI place = type.getProtectionDomain().getCodeSource().getLocation().toURI();
        return Path.of(place);
    }

    /** Loads the classes of this package itself, from its own places first; asks its parent for everything else. */
    private static final class RulesFirst extends URLClassLoader {
        RulesFirst(URL[] places, ClassLoader parent) {
            super(places, parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.hart.security.rules.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }

        @Override
        public InputStream getResourceAsStream(String name) {
            URL place = findResource(name);
            try {
                return place == null ? super.getResourceAsStream(name) : place.openStream();
            } catch (IOException e) {
                return null;
            }
        }
    }
}
