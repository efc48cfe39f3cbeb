package dev.hart.core.recipe;

import dev.hart.error.InputInvalidException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Names of recipes and their values as names of Java. */
final class JavaNames {
    private static final Set<String> KEYWORDS = Set.of(
            "_",
            "abstract",
            "assert",
            "boolean",
            "break",
            "byte",
            "case",
            "catch",
            "char",
            "class",
            "const",
            "continue",
            "default",
            "do",
            "double",
            "else",
            "enum",
            "extends",
            "false",
            "final",
            "finally",
            "float",
            "for",
            "goto",
            "if",
            "implements",
            "import",
            "instanceof",
            "int",
            "interface",
            "long",
            "native",
            "new",
            "null",
            "package",
            "private",
            "protected",
            "public",
            "return",
            "short",
            "static",
            "strictfp",
            "super",
            "switch",
            "synchronized",
            "this",
            "throw",
            "throws",
            "transient",
            "true",
            "try",
            "void",
            "volatile",
            "while");
    /** Methods that a record has already, or that its component may not be named like. */
    private static final Set<String> OF_RECORDS = Set.of(
            "clone",
            "finalize",
            "getClass",
            "hashCode",
            "notify",
            "notifyAll",
            "toString",
            "wait",
            "toInputs",
            "inputs");

    private static final Pattern PACKAGE = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*(\\.[A-Za-z_$][A-Za-z0-9_$]*)*");

    private JavaNames() {}

    /** @throws InputInvalidException when it is no name of a package; empty is none */
    static void requirePackage(String name) {
        boolean good = name.isEmpty()
                || (PACKAGE.matcher(name).matches()
                        && List.of(name.split("\\.")).stream().noneMatch(KEYWORDS::contains));
        if (!good) {
            throw new InputInvalidException(
                    "packageName", "must be a Java package such as com.acme, or empty for none, was '" + name + "'");
        }
    }

    /** {@code invoice-total} as {@code InvoiceTotal}; one that is taken has "Recipe" behind it. */
    static String ofClass(String recipe, Set<String> taken) {
        String name = camelCase(recipe);
        name = name.isEmpty() ? "Recipe" : name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        if (Character.isDigit(name.charAt(0))) {
            name = "Recipe" + name;
        }
        return taken.contains(name) ? name + "Recipe" : name;
    }

    /** Different names of record components for each of these, in order. */
    static Map<String, String> ofComponents(List<String> names) {
        Map<String, String> components = new LinkedHashMap<>();
        for (String name : names) {
            String camel = camelCase(name);
            String base = camel.isEmpty() || Character.isDigit(camel.charAt(0)) ? "value" + camel : camel;
            base = base.substring(0, 1).toLowerCase(Locale.ROOT) + base.substring(1);
            if (KEYWORDS.contains(base) || OF_RECORDS.contains(base)) {
                base = base + "Value";
            }
            String unique = base;
            for (int n = 2; components.containsValue(unique); n++) {
                unique = base + "_" + n;
            }
            components.put(name, unique);
        }
        return components;
    }

    /** Letters and digits, with a capital behind each other character. */
    private static String camelCase(String name) {
        StringBuilder result = new StringBuilder();
        boolean capital = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '_' || c == '-') {
                capital = result.length() > 0;
            } else {
                result.append(capital ? Character.toUpperCase(c) : c);
                capital = false;
            }
        }
        return result.toString();
    }
}
