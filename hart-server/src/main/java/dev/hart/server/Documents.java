package dev.hart.server;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunReport;
import dev.hart.RunState;
import dev.hart.Runs;
import dev.hart.Savings;
import dev.hart.error.HartException;
import dev.hart.error.RunNotFoundException;
import dev.hart.recipe.MatchExplanation;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What HART's own routes answer. The records are the documents: their JSON, and their JSON Schema in the OpenAPI document,
 * both come from their components. A component that is an empty Optional is left out of the JSON.
 */
public final class Documents {
    private Documents() {}

    /** One line of the list of runs. */
    public record RunLine(
            String id,
            RunState state,
            Optional<Mode> mode,
            String request,
            Optional<String> recipeName,
            Instant startedAt,
            Optional<Instant> endedAt,
            long elapsedMs,
            List<Waiting> waitingFor) {

        /** As it stands at {@code now}. */
        public static RunLine of(Runs.Summary run, Instant now) {
            Instant end = run.endedAt() == null ? now : run.endedAt();
            return new RunLine(
                    run.id(),
                    run.state(),
                    Optional.of(run.mode()),
                    run.request(),
                    Optional.ofNullable(run.recipeName()),
                    run.startedAt(),
                    Optional.ofNullable(run.endedAt()),
                    Math.max(0, Duration.between(run.startedAt(), end).toMillis()),
                    run.waitingFor().stream().map(Waiting::of).toList());
        }
    }

    /** An action that waits for a person. */
    public record Waiting(String action, String reason) {

        /** From the text {@code action_2: IN_DOUBT}. */
        static Waiting of(String text) {
            int colon = text.indexOf(':');
            return colon < 0
                    ? new Waiting(text, "")
                    : new Waiting(
                            text.substring(0, colon), text.substring(colon + 1).strip());
        }
    }

    /**
     * A question that waits for its answer.
     *
     * @param question its id, with the run's id before it when a run inside asks: {@code id/action_1.1}
     */
    public record QuestionDocument(
            String question,
            String action,
            String text,
            @Param(optional = true) @Nullable Object schema,
            Optional<Instant> deadline) {

        /** The open questions of a run and of the runs inside. */
        static List<QuestionDocument> of(Hart hart, String runId) {
            return hart.runs().questions(runId).stream()
                    .map(asked -> {
                        String inside = asked.runId().equals(runId) ? "" : asked.runId() + "/";
                        return new QuestionDocument(
                                inside + asked.id(),
                                inside + asked.action(),
                                asked.text(),
                                asked.schema(),
                                Optional.ofNullable(asked.deadline()));
                    })
                    .toList();
        }
    }

    /**
     * An action that waits for an approval.
     *
     * @param action with the run's id before it when it is one of a run inside: {@code id/action_1}
     */
    public record ApprovalDocument(
            String action,

            @Param("the tool of the call that waits; left out when all destructive steps of the action do")
            Optional<String> tool,

            Map<String, @Nullable Object> arguments,

            @Param("why a person is asked") List<String> reasons) {

        /** What a run and the runs inside wait for. */
        static List<ApprovalDocument> of(Hart hart, String runId) {
            return hart.runs().approvals(runId).stream()
                    .map(approval -> new ApprovalDocument(
                            approval.runId().equals(runId)
                                    ? approval.action()
                                    : approval.runId() + "/" + approval.action(),
                            Optional.ofNullable(approval.tool()),
                            approval.arguments(),
                            approval.reasons()))
                    .toList();
        }
    }

    /** One run, with its result once it has ended. */
    public record RunDocument(
            RunLine run,
            Optional<RecipeRef> recipe,
            @Param(optional = true) @Nullable Object output,
            Optional<Failure> failure,
            Optional<Report> report,
            Optional<Receipt> savings,
            List<QuestionDocument> questions,
            List<ApprovalDocument> approvals) {

        /** A run that goes on. */
        public static RunDocument of(RunLine line) {
            return new RunDocument(
                    line,
                    Optional.empty(),
                    null,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of());
        }

        /** The same run with what it waits for from a person. */
        RunDocument waiting(Hart hart) {
            return new RunDocument(
                    run,
                    recipe,
                    output,
                    failure,
                    report,
                    savings,
                    QuestionDocument.of(hart, run.id()),
                    ApprovalDocument.of(hart, run.id()));
        }

        /** A run that has ended or is paused. */
        static RunDocument of(RunLine line, Run run) {
            boolean succeeded = run.state() == RunState.SUCCEEDED;
            return new RunDocument(
                    line,
                    run.recipe().map(RecipeRef::of),
                    succeeded ? run.output() : null,
                    run.failure().map(Failure::of),
                    Optional.of(Report.of(run.report())),
                    run.savings().map(Receipt::of),
                    List.of(),
                    List.of());
        }

        /** The same, of any run that the runtime knows. */
        public static RunDocument of(Hart hart, Run run) {
            Runs.Summary summary = hart.runs()
                    .find(run.id())
                    .orElseThrow(() -> new RunNotFoundException("there is no run " + run.id()));
            return of(RunLine.of(summary, summary.startedAt()), run);
        }

        /** A run that never started, such as one that could not be planned. */
        static RunDocument of(RunLine line, HartException failure) {
            return new RunDocument(
                    line,
                    Optional.empty(),
                    null,
                    Optional.of(Failure.of(failure)),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of());
        }
    }

    /** Which version of which recipe. */
    public record RecipeRef(String recipeId, String name, int version) {
        static RecipeRef of(RecipeVersion version) {
            return new RecipeRef(version.recipeId(), version.recipe().name(), version.version());
        }
    }

    /** Why a run did not succeed. */
    public record Failure(String code, String message) {
        static Failure of(HartException e) {
            return new Failure(e.code(), String.valueOf(e.getMessage()));
        }
    }

    /** What a run did and cost; money in micro-Spark, as text, because it does not fit a JSON number everywhere. */
    public record Report(
            int modelCalls,
            long tokensIn,
            long tokensOut,
            String costMicroSpark,
            int commits,
            List<String> notes,
            List<RunReport.StepReport> steps) {
        static Report of(RunReport report) {
            return new Report(
                    report.modelCalls(),
                    report.tokens().in(),
                    report.tokens().out(),
                    Long.toString(report.cost().micro()),
                    report.commits(),
                    report.notes(),
                    report.steps());
        }
    }

    /** What a REUSE run saved against the CREATE run that taught its recipe. */
    public record Receipt(
            int modelCalls, long tokens, String costMicroSpark, long timeMs, Optional<BigDecimal> speedUp) {
        static Receipt of(Savings savings) {
            return new Receipt(
                    savings.modelCalls(),
                    savings.tokens(),
                    Long.toString(savings.cost().micro()),
                    savings.time().toMillis(),
                    Optional.ofNullable(savings.speedUp()));
        }
    }

    /**
     * One line of the list of recipes.
     *
     * @param timesUsed REUSE runs of it among the runs looked at, at most the newest 1,000
     */
    public record RecipeLine(
            String recipeId,
            String name,
            int version,
            String goal,
            List<String> intents,
            List<String> inputs,
            int actions,
            RecipeVersion.Status status,
            Instant createdAt,
            Optional<String> learnedBy,
            long timesUsed) {
        static RecipeLine of(RecipeVersion version, long timesUsed) {
            return new RecipeLine(
                    version.recipeId(),
                    version.recipe().name(),
                    version.version(),
                    version.recipe().goal(),
                    version.recipe().intents(),
                    version.recipe().inputNames(),
                    (int) version.recipe().actions().count(),
                    version.status(),
                    version.createdAt(),
                    Optional.ofNullable(version.learnedBy()),
                    timesUsed);
        }
    }

    /** Which stored recipe does a request. */
    public record MatchDocument(
            Kind match,
            Optional<RecipeRef> recipe,
            Map<String, @Nullable Object> inputs,
            Optional<String> intent,
            Optional<BigDecimal> score,
            List<CandidateLine> candidates,
            Why why) {

        /** How well it fits. */
        public enum Kind {
            EXACT,
            MATCH,
            AMBIGUOUS,
            NONE
        }

        static MatchDocument of(MatchResult result) {
            if (result instanceof MatchResult.Exact exact) {
                return found(Kind.EXACT, exact.recipe(), exact.inputs(), exact.intent(), BigDecimal.ONE, exact);
            }
            if (result instanceof MatchResult.Match match) {
                return found(Kind.MATCH, match.recipe(), match.inputs(), null, match.score(), match);
            }
            List<CandidateLine> candidates = new ArrayList<>();
            if (result instanceof MatchResult.Ambiguous ambiguous) {
                ambiguous.candidates().stream()
                        .sorted(Comparator.comparing(MatchResult.Candidate::score)
                                .reversed())
                        .forEach(c -> candidates.add(new CandidateLine(RecipeRef.of(c.recipe()), c.score())));
            }
            return new MatchDocument(
                    candidates.isEmpty() ? Kind.NONE : Kind.AMBIGUOUS,
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    Optional.empty(),
                    candidates,
                    Why.of(result.explain()));
        }

        private static MatchDocument found(
                Kind kind,
                RecipeVersion recipe,
                Inputs inputs,
                @Nullable String intent,
                BigDecimal score,
                MatchResult result) {
            return new MatchDocument(
                    kind,
                    Optional.of(RecipeRef.of(recipe)),
                    inputs.values(),
                    Optional.ofNullable(intent),
                    Optional.of(score),
                    List.of(),
                    Why.of(result.explain()));
        }
    }

    /**
     * Why a request was matched as it was.
     *
     * @param nearest the recipes that came nearest, best first; none where a template or equal words decided
     */
    public record Why(String reason, List<MatchExplanation.Source> sources, List<NearestLine> nearest) {
        static Why of(MatchExplanation explanation) {
            return new Why(
                    explanation.reason(),
                    explanation.sources(),
                    explanation.ranking().stream()
                            .map(ranked ->
                                    new NearestLine(RecipeRef.of(ranked.recipe()), ranked.score(), ranked.nearest()))
                            .toList());
        }
    }

    /** A recipe that came near, with its example that is most like the request. */
    public record NearestLine(RecipeRef recipe, BigDecimal score, String example) {}

    /** A recipe that might fit. */
    public record CandidateLine(RecipeRef recipe, BigDecimal score) {}

    /** What a call that starts something answers. */
    public record Started(String id) {}
}
