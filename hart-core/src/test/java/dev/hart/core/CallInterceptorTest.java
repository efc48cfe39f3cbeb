package dev.hart.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.error.HartException;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.hart.recipe.Recipe;
import dev.hart.spi.CallInterceptor;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallInterceptorTest {
    private static final Recipe UPPER = Recipe.named("upper")
            .action("upper", a -> a.tool("word.upper").with("word", "tea"))
            .output("upper", String.class)
            .build();

    private static final Recipe ASK = Recipe.named("ask")
            .action("answer", a -> a.model("What is it?"))
            .output("answer", String.class)
            .build();

    private final List<String> said = new ArrayList<>();

    /** Says when a call passes it on its way there and back. */
    private final class Saying implements CallInterceptor {
        private final String name;

        Saying(String name) {
            this.name = name;
        }

        @Override
        public LanguageModel model(LanguageModel original) {
            return new LanguageModel() {
                @Override
                public String name() {
                    return original.name();
                }

                @Override
                public ModelPrice price() {
                    return original.price();
                }

                @Override
                public ModelReply complete(ModelRequest request) {
                    said.add(name + " asks");
                    return original.complete(request);
                }
            };
        }

        @Override
        public ToolResult<@Nullable Object> call(
                ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context, Next next)
                throws Exception {
            said.add(name + " calls " + tool.name() + arguments);
            ToolResult<@Nullable Object> result = next.call(arguments, context);
            said.add(name + " gets " + result);
            return result;
        }
    }

    /** Has one tool. */
    public static final class Words {
        @Tool(name = "word.upper", description = "Write a word in capitals.", effect = Effect.READ)
        public String upper(String word) {
            return word.toUpperCase(Locale.ROOT);
        }
    }

    private static Run run(Recipe recipe, CallInterceptor... interceptors) {
        var builder = Hart.configure().inMemory().withoutModel();
        for (CallInterceptor interceptor : interceptors) {
            builder.intercept(interceptor);
        }
        try (Hart hart = builder.create()) {
            hart.tools().register(new Words());
            return hart.run(recipe, Inputs.none());
        }
    }

    @Test
    void theFirstOneAddedIsTheOutermost() {
        assertThat(run(UPPER, new Saying("first"), new Saying("second")).output())
                .isEqualTo("TEA");

        assertThat(said)
                .containsExactly(
                        "first calls word.upper{word=tea}",
                        "second calls word.upper{word=tea}",
                        "second gets Ok[value=TEA]",
                        "first gets Ok[value=TEA]");
    }

    @Test
    void itMayAnswerInPlaceOfTheTool() {
        Run run = run(
                Recipe.named("upper")
                        .action("upper", a -> a.tool("word.upper").with("word", "tea"))
                        .output("upper", Object.class)
                        .build(),
                new CallInterceptor() {
                    @Override
                    public ToolResult<@Nullable Object> call(
                            ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context, Next next) {
                        return ToolResult.ok(Map.of("word", 7));
                    }
                });

        assertThat(run.output()).as("as a JSON value").isEqualTo(Map.of("word", 7L));
    }

    @Test
    void whatItThrowsIsAFailureOfTheTool() {
        Run run = run(UPPER, new CallInterceptor() {
            @Override
            public ToolResult<@Nullable Object> call(
                    ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context, Next next) {
                throw new IllegalStateException("no");
            }
        });

        assertThat(run.failure().map(HartException::code)).contains("TOOL_THREW");
    }

    @Test
    void itMaySetHowLongACallMayTake() {
        Run run = run(
                Recipe.named("upper")
                        .action(
                                "upper",
                                a -> a.tool("word.upper").with("word", "tea").retry(1, Duration.ZERO))
                        .build(),
                new CallInterceptor() {
                    @Override
                    public Duration timeout(ToolSpec tool, Duration limit) {
                        return Duration.ofMillis(50);
                    }

                    @Override
                    public ToolResult<@Nullable Object> call(
                            ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context, Next next)
                            throws Exception {
                        new CountDownLatch(1).await();
                        return next.call(arguments, context);
                    }
                });

        assertThat(run.failure().orElseThrow()).hasMessageContaining("took longer than 50 ms");
    }

    @Test
    void theModelPassesThemInTheSameOrder() {
        LanguageModel lamp = new LanguageModel() {
            @Override
            public String name() {
                return "lamp";
            }

            @Override
            public ModelReply complete(ModelRequest request) {
                return new ModelReply("a lamp", List.of(), new TokenCount(1, 1), Duration.ZERO);
            }
        };
        try (Hart hart = Hart.configure()
                .inMemory()
                .model(lamp)
                .intercept(new Saying("first"))
                .intercept(new Saying("second"))
                .create()) {
            assertThat(hart.run(ASK, Inputs.none()).output()).isEqualTo("a lamp");
        }

        assertThat(said).containsExactly("first asks", "second asks");
    }
}
