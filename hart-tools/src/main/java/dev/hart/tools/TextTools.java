package dev.hart.tools;

import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.util.Locale;
import java.util.StringTokenizer;

/** Tools for text. Thread-safe. */
public final class TextTools {
    static final int MAX_CHARACTERS = 1 << 20;

    @Tool(
            name = "text.count_words",
            description = "Count the words of a text.",
            effect = Effect.READ,
            reach = {})
    public long countWords(@Param("The text whose words are counted") String text) {
        return new StringTokenizer(checked(text)).countTokens();
    }

    @Tool(
            name = "text.count_lines",
            description = "Count the lines of a text.",
            effect = Effect.READ,
            reach = {})
    public long countLines(@Param("The text whose lines are counted") String text) {
        return checked(text).lines().count();
    }

    @Tool(
            name = "text.upper",
            description = "Turn a text into upper case.",
            effect = Effect.READ,
            reach = {})
    public String upper(@Param("The text to turn into upper case") String text) {
        return checked(text).toUpperCase(Locale.ROOT);
    }

    @Tool(
            name = "text.lower",
            description = "Turn a text into lower case.",
            effect = Effect.READ,
            reach = {})
    public String lower(@Param("The text to turn into lower case") String text) {
        return checked(text).toLowerCase(Locale.ROOT);
    }

    @Tool(
            name = "text.replace",
            description = "Replace every occurrence of a word or phrase in a text.",
            effect = Effect.READ,
            reach = {})
    public String replace(
            @Param("The text to change") String text,
            @Param("The word or phrase to look for, as it stands") String search,
            @Param("What to put in its place") String replacement) {
        if (search.isEmpty()) {
            throw new ToolFailure("SEARCH_EMPTY", "the word or phrase to look for is empty; give one");
        }
        checked(text);
        StringBuilder result = new StringBuilder(text.length());
        int from = 0;
        for (int at = text.indexOf(search); at >= 0; at = text.indexOf(search, from)) {
            result.append(text, from, at).append(replacement);
            from = at + search.length();
            if (result.length() > MAX_CHARACTERS) {
                throw tooLarge("the result");
            }
        }
        return checked(result.append(text, from, text.length()).toString(), "the result");
    }

    private static String checked(String text) {
        return checked(text, "the text");
    }

    private static String checked(String text, String which) {
        if (text.length() > MAX_CHARACTERS) {
            throw tooLarge(which);
        }
        return text;
    }

    private static ToolFailure tooLarge(String which) {
        return new ToolFailure(
                "TEXT_TOO_LARGE",
                "%s has more than %d characters; give a shorter text".formatted(which, MAX_CHARACTERS));
    }
}
