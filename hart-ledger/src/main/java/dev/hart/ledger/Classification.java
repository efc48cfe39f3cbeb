package dev.hart.ledger;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link Classifier} put a task, checked. A missing, misspelt or impossible part of its answer stands here as the
 * default: independent, sequential, priority 50, 3 retries, and nothing else.
 *
 * @param relatedTo a task of the ledger, or null
 * @param prerequisites tasks of the ledger
 * @param blockedBy tasks of the ledger
 * @param blockedReason why it is blocked though nothing of {@code blockedBy} holds it, or null
 * @param conditionTask whose outcome a conditional task waits for, a task of the ledger, or null
 * @param delegateTo the agent that is to do it, or null
 * @param deferred whether it is put off
 * @param deferUntil when it is pending again, or null
 * @param scheduledAt not before, or null
 * @param maxRetries 0 to 5
 * @param parallelWith tasks of the ledger beside which it may run
 * @param reasoning the classifier's words, at most 1,000 characters
 */
public record Classification(
        Relationship relationship,
        @Nullable String relatedTo,
        ExecutionMode executionMode,
        int priority,
        List<String> prerequisites,
        List<String> blockedBy,
        @Nullable BlockedReason blockedReason,
        @Nullable String conditionTask,
        Outcome requiredOutcome,
        String conditionDescription,
        @Nullable String delegateTo,
        DelegationType delegationType,
        boolean deferred,
        @Nullable Instant deferUntil,
        String deferReason,
        @Nullable Instant scheduledAt,
        int maxRetries,
        List<String> parallelWith,
        String reasoning) {
    static final int DEFAULT_PRIORITY = 50;
    static final int DEFAULT_RETRIES = 3;
    private static final int MAX_ANSWER = 65_536;
    private static final int MAX_IDS = 1_000;
    private static final int MAX_WORDS = 1_000;

    /** What an answer that cannot be read comes to. */
    static final Classification DEFAULT = read(Map.of(), id -> false, new ArrayList<>());

    /** The same without a place among other tasks. */
    Classification independent() {
        return new Classification(
                Relationship.INDEPENDENT,
                null,
                executionMode,
                priority,
                List.of(),
                List.of(),
                blockedReason,
                null,
                Outcome.SUCCESS,
                "",
                delegateTo,
                delegationType,
                deferred,
                deferUntil,
                deferReason,
                scheduledAt,
                maxRetries,
                parallelWith,
                reasoning);
    }

    /** Reads an answer; whatever is wrong with it is added to {@code warnings}. */
    static Classification read(String answer, Predicate<String> isTask, List<String> warnings) {
        int begin = answer.indexOf('{');
        int end = answer.lastIndexOf('}');
        if (answer.length() > MAX_ANSWER || begin < 0 || end < begin) {
            warnings.add("the answer is not a JSON object");
            return DEFAULT;
        }
        try {
            return read(CanonicalJson.readObject(answer.substring(begin, end + 1)), isTask, warnings);
        } catch (IllegalArgumentException e) {
            warnings.add("the answer is not a JSON object");
            return DEFAULT;
        }
    }

    private static Classification read(
            Map<String, ? extends @Nullable Object> answer, Predicate<String> isTask, List<String> warnings) {
        Reading reading = new Reading(isTask, warnings);
        Map<?, ?> condition = reading.object(answer, "condition");
        Map<?, ?> delegation = reading.object(answer, "delegation");
        Map<?, ?> scheduling = reading.object(answer, "scheduling");
        Map<?, ?> retry = reading.object(answer, "retry_config");
        boolean delegate = reading.flag(delegation, "should_delegate", false);
        boolean defer = reading.flag(scheduling, "defer", false);
        int retries = reading.number(retry, "max_retries", DEFAULT_RETRIES, 5);
        return new Classification(
                reading.constant(answer, "relationship", Relationship.class, Relationship.INDEPENDENT),
                reading.task(answer, "related_to_task_id"),
                reading.constant(answer, "execution_mode", ExecutionMode.class, ExecutionMode.SEQUENTIAL),
                reading.number(answer, "priority", DEFAULT_PRIORITY, 100),
                reading.tasks(answer, "prerequisites"),
                reading.tasks(answer, "blocked_by"),
                reading.optionalConstant(answer, "blocked_reason", BlockedReason.class),
                reading.task(condition, "depends_on_outcome"),
                reading.constant(condition, "required_outcome", Outcome.class, Outcome.SUCCESS),
                reading.words(condition, "condition_description"),
                delegate ? reading.agent(delegation, "delegate_to") : null,
                reading.constant(delegation, "delegation_type", DelegationType.class, DelegationType.SUB_AGENT),
                defer,
                defer ? reading.time(scheduling, "defer_until") : null,
                reading.words(scheduling, "defer_reason"),
                reading.time(scheduling, "scheduled_at"),
                reading.flag(retry, "retry_on_failure", true) ? retries : 0,
                reading.tasks(answer, "can_run_parallel_with"),
                reading.words(answer, "reasoning"));
    }

    /** Takes parts out of an answer of which nothing can be trusted. */
    private record Reading(Predicate<String> isTask, List<String> warnings) {

        private <T> T wrong(String field, @Nullable Object value, T instead) {
            warnings.add("'%s' cannot be %s".formatted(field, shown(value)));
            return instead;
        }

        private static String shown(@Nullable Object value) {
            String text = String.valueOf(value);
            return text.length() <= 100 ? text : text.substring(0, 100) + "…";
        }

        Map<?, ?> object(Map<?, ?> answer, String field) {
            Object value = answer.get(field);
            return value instanceof Map<?, ?> map ? map : value == null ? Map.of() : wrong(field, value, Map.of());
        }

        boolean flag(Map<?, ?> answer, String field, boolean otherwise) {
            Object value = answer.get(field);
            return value instanceof Boolean flag ? flag : value == null ? otherwise : wrong(field, value, otherwise);
        }

        /** A whole number, put into 0 to {@code most}. */
        int number(Map<?, ?> answer, String field, int otherwise, int most) {
            Object value = answer.get(field);
            if (value instanceof Number number) {
                // Bounded before it is rounded: a number of a million digits is only compared.
                return new BigDecimal(number.toString())
                        .max(BigDecimal.ZERO)
                        .min(BigDecimal.valueOf(most))
                        .setScale(0, RoundingMode.HALF_UP)
                        .intValue();
            }
            return value == null ? otherwise : wrong(field, value, otherwise);
        }

        <E extends Enum<E>> E constant(Map<?, ?> answer, String field, Class<E> type, E otherwise) {
            E found = optionalConstant(answer, field, type);
            return found == null ? otherwise : found;
        }

        <E extends Enum<E>> @Nullable E optionalConstant(Map<?, ?> answer, String field, Class<E> type) {
            Object value = answer.get(field);
            for (E constant : type.getEnumConstants()) {
                if (WireNames.of(constant).equals(value)) {
                    return constant;
                }
            }
            if (value != null) {
                wrong(field, value, "");
            }
            return null;
        }

        @Nullable
        String task(Map<?, ?> answer, String field) {
            Object value = answer.get(field);
            if (value instanceof String id && Limits.isId(id) && isTask.test(id)) {
                return id;
            }
            if (value != null) {
                wrong(field, value, "");
            }
            return null;
        }

        List<String> tasks(Map<?, ?> answer, String field) {
            Object value = answer.get(field);
            if (!(value instanceof List<?> list) || list.size() > MAX_IDS) {
                return value == null ? List.of() : wrong(field, value, List.of());
            }
            Set<String> ids = new LinkedHashSet<>();
            for (Object item : list) {
                if (item instanceof String id && Limits.isId(id) && isTask.test(id)) {
                    ids.add(id);
                } else {
                    wrong(field, item, "");
                }
            }
            return List.copyOf(ids);
        }

        @Nullable
        String agent(Map<?, ?> answer, String field) {
            Object value = answer.get(field);
            if (value instanceof String id && Limits.isId(id)) {
                return id;
            }
            wrong(field, value, "");
            return null;
        }

        String words(Map<?, ?> answer, String field) {
            Object value = answer.get(field);
            if (value instanceof String text) {
                return text.length() <= MAX_WORDS ? text : TextCut.at(text, MAX_WORDS);
            }
            return value == null ? "" : wrong(field, value, "");
        }

        @Nullable
        Instant time(Map<?, ?> answer, String field) {
            Object value = answer.get(field);
            if (value instanceof String text) {
                try {
                    Instant time = OffsetDateTime.parse(text).toInstant();
                    if (time.isAfter(Instant.EPOCH) && time.isBefore(LAST)) {
                        return time;
                    }
                } catch (DateTimeParseException e) {
                    wrong(field, value, "");
                    return null;
                }
            }
            if (value != null) {
                wrong(field, value, "");
            }
            return null;
        }
    }

    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");
}
