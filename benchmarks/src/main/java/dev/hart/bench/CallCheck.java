package dev.hart.bench;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether calls are those that a {@link FunctionCalling} question expects, by the rules of the leaderboard's checker: texts are compared
 * without case, spaces and the signs {@code ,./-_*^}; an integer is accepted for a float; the accepted value {@code ""} means that the
 * argument may be left out.
 */
final class CallCheck {
    /** A function that was called, with its arguments. */
    record Call(String function, Map<String, @Nullable Object> arguments) {}

    private CallCheck() {}

    /** Whether each expected call was made once, in any order, and no other. */
    static boolean areRight(List<Call> calls, List<Map<String, Map<String, List<Object>>>> expected) {
        if (calls.size() != expected.size()) {
            return false;
        }
        List<Call> left = new ArrayList<>(calls);
        return expected.stream().allMatch(answer -> {
            Call match = left.stream()
                    .filter(call -> isRight(call, answer))
                    .findFirst()
                    .orElse(null);
            return match != null && left.remove(match);
        });
    }

    private static boolean isRight(Call call, Map<String, Map<String, List<Object>>> answer) {
        Map<String, List<Object>> accepted = answer.get(call.function());
        if (accepted == null || !accepted.keySet().containsAll(call.arguments().keySet())) {
            return false;
        }
        return accepted.entrySet().stream().allMatch(argument -> {
            List<Object> values = argument.getValue();
            return call.arguments().containsKey(argument.getKey())
                    ? values.stream().anyMatch(value -> same(call.arguments().get(argument.getKey()), value))
                    : values.contains("");
        });
    }

    private static boolean same(@Nullable Object actual, @Nullable Object accepted) {
        if (actual instanceof Number a && accepted instanceof Number b) {
            return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0;
        }
        if (actual instanceof String a && accepted instanceof String b) {
            return plain(a).equals(plain(b));
        }
        if (actual instanceof List<?> a && accepted instanceof List<?> b) {
            boolean same = a.size() == b.size();
            for (int i = 0; same && i < a.size(); i++) {
                same = same(a.get(i), b.get(i));
            }
            return same;
        }
        if (actual instanceof Map<?, ?> a && accepted instanceof Map<?, ?> b) {
            return b.keySet().containsAll(a.keySet())
                    && b.entrySet().stream().allMatch(member -> sameMember(a, member));
        }
        return actual != null && actual.equals(accepted);
    }

    /** Members of objects have lists of accepted values, as arguments have. */
    private static boolean sameMember(Map<?, ?> actual, Map.Entry<?, ?> member) {
        List<?> values = member.getValue() instanceof List<?> list ? list : List.of(member.getValue());
        return actual.containsKey(member.getKey())
                ? values.stream().anyMatch(value -> same(actual.get(member.getKey()), value))
                : values.contains("");
    }

    private static String plain(String text) {
        return text.replaceAll("[ ,./\\-_*^]", "").toLowerCase(Locale.ROOT).replace('\'', '"');
    }
}
