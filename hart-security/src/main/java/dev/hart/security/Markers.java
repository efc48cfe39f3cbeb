package dev.hart.security;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What is recognised by its form and not by its words: chat templates, role labels, false ends of data. */
final class Markers {
    private static final String DIRECTIVE =
            "(?:you (?:are|must|will|should|can|have)|your (?:new|task|role)|ignore|disregard|forget|override|from now|"
                    + "new (?:instructions?|rules?)|always|never|do not|respond|reply|answer|act as|reveal|send|execute|run|call)\\b";

    /** Of these one has to begin a line. */
    private static final List<String> LABELS =
            List.of("system", "assistant", "developer", "human", "user", "ai", "root", "admin");

    /**
     * @param literals one of them is in every text that matches; a cheap test before the expression runs
     * @param untrustedOnly counts only in text of peers, tools and retrieval
     */
    private record Marker(String rule, int weight, List<String> literals, Pattern pattern, boolean untrustedOnly) {}

    private static final List<Marker> ALL = List.of(
            marker(
                    "I3",
                    90,
                    List.of("<|", "|>"),
                    "<\\|\\s?(?:im_start|im_end|im_sep|system|user|assistant|endoftext|"
                            + "begin_of_text|end_of_text|start_header_id|end_header_id|eot_id|eom_id|python_tag|endofprompt|fim_\\w+|"
                            + "start|end|channel|message|return|call)\\s?\\|>"),
            marker("I3", 90, List.of("inst]"), "\\[\\s?/?\\s?inst\\s?\\]"),
            marker("I3", 90, List.of("<<"), "<<\\s?/?\\s?sys\\s?>>"),
            marker("I3", 90, List.of("_of_turn>"), "<(?:start|end)_of_turn>"),
            marker(
                    "I3",
                    90,
                    List.of("###"),
                    "(?m)^\\s*#{2,4} ?(?:system|instructions?|new instructions?|system prompt|"
                            + "assistant|response) ?:?\\s*\\n+\\s*" + DIRECTIVE),
            marker("I3", 90, List.of("```system"), "```system\\b"),
            marker(
                    "I3",
                    90,
                    List.of("system>", "system_prompt>", "system_message>"),
                    "</?(?:system|system_prompt|system_message|sys)>"),
            marker(
                    "I4",
                    70,
                    LABELS,
                    "(?m)^[\\s>*_#\\[(\"']*(?:system|assistant|developer|human|user|ai|root|admin)"
                            + "(?: (?:message|prompt|note|override|instruction))?[\\])*_]* ?[:\\]] ?[*_\"']*"
                            + DIRECTIVE),
            marker("I4", 20, List.of("system:"), "(?m)^\\s*system: ?\\S"),
            marker(
                    "I8",
                    85,
                    List.of("]("),
                    "!\\[[^\\]]{0,200}\\]\\(https?://[^)\\s]{1,200}[?&][\\w.-]{1,40}=(?:[{\\[<$%]|"
                            + "[a-z0-9+/_=%-]{40,})"),
            marker(
                    "I13",
                    85,
                    List.of("</"),
                    "</ ?(?:user_input|user_message|user_query|tool_result|tool_response|function_results?|"
                            + "untrusted(?:_\\w{1,40})?|retrieved(?:_\\w{1,40})?|search_results?|external_data|prompt|instructions?)"
                            + " ?>"),
            marker(
                    "I13",
                    85,
                    List.of("end of", "end_of"),
                    "(?:^|[\\n\\r]|[-=*#<\\[]) ?end[ _]of[ _](?:the )?(?:document|data|context|"
                            + "user input|input|file|text|message|tool (?:result|output)|search results?|content)\\b[^a-z0-9]{0,20}\\s+"
                            + "(?:[a-z]+ ){0,3}?(?:new (?:instructions?|task)|instructions?:|system:|" + DIRECTIVE
                            + ")"),
            marker(
                    "I9",
                    70,
                    List.of("if you are"),
                    "\\bif you(?:'re| are) (?:an? )?(?:ai|llm|large language model|language model|"
                            + "(?:ai |virtual )?(?:assistant|agent)|chatbot|gpt)\\b",
                    true));

    private Markers() {}

    /** Each marker as it counts in the guardrail hash. */
    static List<Map<String, Object>> described() {
        List<Map<String, Object>> described = new ArrayList<>();
        for (int i = 0; i < ALL.size(); i++) {
            Marker marker = ALL.get(i);
            described.add(Map.of(
                    "flags",
                    String.valueOf(marker.pattern.flags()),
                    "id",
                    marker.rule + "#" + (i + 1),
                    "literals",
                    marker.literals,
                    "source",
                    marker.pattern.pattern(),
                    "untrustedOnly",
                    marker.untrustedOnly,
                    "weight",
                    String.valueOf(marker.weight)));
        }
        return described;
    }

    /**
     * @param latin the folded text with look-alikes as Latin letters
     * @param found called for the first match of each marker, with places in the folded text
     */
    static void find(String latin, boolean untrusted, Consumer<Evidence> found) {
        boolean labelled = hasLabel(latin);
        for (Marker marker : ALL) {
            if (marker.untrustedOnly && !untrusted) {
                continue;
            }
            if (marker.literals == LABELS ? labelled : marker.literals.stream().anyMatch(latin::contains)) {
                Matcher matcher = marker.pattern.matcher(latin);
                if (matcher.find()) {
                    found.accept(new Evidence(marker.rule, marker.weight, matcher.start(), matcher.end()));
                }
            }
        }
    }

    /** Whether a line begins, behind signs, with a label and has a colon or bracket. */
    private static boolean hasLabel(String latin) {
        if (latin.indexOf(':') < 0 && latin.indexOf(']') < 0) {
            return false;
        }
        for (int line = 0; line >= 0 && line < latin.length(); line = nextLine(latin, line)) {
            int at = line;
            while (at < latin.length() && (" \t>*_#[(\"'\r\f\u000b".indexOf(latin.charAt(at)) >= 0)) {
                at++;
            }
            for (String label : LABELS) {
                if (latin.startsWith(label, at)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int nextLine(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? -1 : end + 1;
    }

    private static Marker marker(String rule, int weight, List<String> literals, String expression) {
        return marker(rule, weight, literals, expression, false);
    }

    private static Marker marker(
            String rule, int weight, List<String> literals, String expression, boolean untrustedOnly) {
        return new Marker(rule, weight, literals, Pattern.compile(expression), untrustedOnly);
    }
}
