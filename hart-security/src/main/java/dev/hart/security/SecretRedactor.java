package dev.hart.security;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets out of text and of JSON values before they are stored, logged or shown. Each becomes
 * {@code [REDACTED:kind]}. It knows the forms of common keys and tokens, and values whose name says that they are secret;
 * a secret without a known form or name is not found. Pure and thread-safe.
 */
public final class SecretRedactor {
    private static final int MAX_DEPTH = 100;
    private static final double LEAST_HEX_BITS = 3.0;
    private static final double LEAST_BASE64_BITS = 4.0;
    private static final List<Kind> KINDS = kinds();
    private static final List<String> SECRET_NAMES = List.of(
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "secret",
            "secrets",
            "authorization",
            "credential",
            "credentials",
            "cookie",
            "apikey",
            "token");
    private static final List<String> SECRET_KEY_OWNERS =
            List.of("api", "private", "access", "secret", "signing", "encryption", "master", "account", "shared");

    /**
     * @param literals one of them, lower case, is in every text that matches
     * @param group of the expression that holds the secret
     * @param credential certainly a credential by its form
     */
    private record Kind(String name, List<String> literals, Pattern pattern, int group, boolean credential) {}

    /**
     * Where a secret stands, in chars.
     *
     * @param rank the lower, the more specific its kind
     */
    record Span(String kind, int start, int end, int rank) {}

    /** The text with every secret replaced. */
    public String redact(String text) {
        List<Span> spans = spans(text, false);
        if (spans.isEmpty()) {
            return text;
        }
        StringBuilder redacted = new StringBuilder(text.length());
        int from = 0;
        for (Span span : spans) {
            redacted.append(text, from, span.start())
                    .append("[REDACTED:")
                    .append(span.kind())
                    .append(']');
            from = span.end();
        }
        return redacted.append(text, from, text.length()).toString();
    }

    /** How many secrets stand in a text; one that several forms fit counts once. */
    public int count(String text) {
        return spans(text, false).size();
    }

    /**
     * A JSON value (null, Boolean, Number, String, List, Map with text keys) with every secret replaced. Below a key that
     * names a secret, such as {@code dbPassword} or {@code api_key}, every text and number is one. Other objects are
     * returned as they are.
     *
     * @throws IllegalArgumentException when nested deeper than 100 levels
     */
    public @Nullable Object redactJson(@Nullable Object value) {
        return redactJson(value, false, 0);
    }

    /** Each kind as it counts in the guardrail hash. */
    static List<Map<String, Object>> described() {
        return KINDS.stream()
                .map(kind -> Map.<String, Object>of(
                        "credential",
                        kind.credential,
                        "flags",
                        String.valueOf(kind.pattern.flags()),
                        "id",
                        kind.name,
                        "source",
                        kind.pattern.pattern()))
                .toList();
    }

    /** The first part of a text that is a credential by its form; names such as {@code password=} do not count. */
    Optional<Span> firstCredential(String text) {
        return spans(text, true).stream().findFirst();
    }

    private @Nullable Object redactJson(@Nullable Object value, boolean secret, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("nested deeper than " + MAX_DEPTH + " levels");
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> redacted = new LinkedHashMap<>();
            map.forEach((key, item) -> {
                boolean named = secret || (key instanceof String name && namesSecret(name));
                Object shown = key instanceof String name ? redact(name) : key;
                redacted.put(shown, redactJson(item, named, depth + 1));
            });
            return Collections.unmodifiableMap(redacted);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> redacted = new ArrayList<>(list.size());
            for (Object item : list) {
                redacted.add(redactJson(item, secret, depth + 1));
            }
            return Collections.unmodifiableList(redacted);
        }
        if (secret && (value instanceof String || value instanceof Number)) {
            return "[REDACTED:value]";
        }
        return value instanceof String text ? redact(text) : value;
    }

    /** Whether a key's words name a secret: {@code apiKey}, {@code X-Api-Key}, {@code db_password}; not {@code tokenCount}. */
    static boolean namesSecret(String key) {
        List<String> words = words(key);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            boolean last = i == words.size() - 1;
            if (SECRET_NAMES.contains(word)
                    && (last || !word.equals("token") || words.get(i + 1).equals("value"))) {
                return true;
            }
            if (word.equals("key") && i > 0 && SECRET_KEY_OWNERS.contains(words.get(i - 1))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> words(String key) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            boolean hump = i > 0
                    && Character.isUpperCase(c)
                    && (Character.isLowerCase(key.charAt(i - 1))
                            || (i + 1 < key.length() && Character.isLowerCase(key.charAt(i + 1))));
            if ((hump || !Character.isLetterOrDigit(c)) && !word.isEmpty()) {
                words.add(word.toString().toLowerCase(Locale.ROOT));
                word.setLength(0);
            }
            if (Character.isLetterOrDigit(c)) {
                word.append(c);
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString().toLowerCase(Locale.ROOT));
        }
        return words;
    }

    private static List<Span> spans(String text, boolean credentialsOnly) {
        String lower = text.toLowerCase(Locale.ROOT);
        List<Span> found = new ArrayList<>();
        for (int rank = 0; rank < KINDS.size(); rank++) {
            Kind kind = KINDS.get(rank);
            if ((credentialsOnly && !kind.credential)
                    || (!kind.literals.isEmpty() && kind.literals.stream().noneMatch(lower::contains))) {
                continue;
            }
            Matcher matcher = kind.pattern.matcher(text);
            while (matcher.find()) {
                int start = matcher.start(kind.group);
                int end = matcher.end(kind.group);
                if (accepts(kind.name, text, start, end)) {
                    found.add(new Span(kind.name, start, end, rank));
                }
            }
        }
        found.sort(Comparator.comparingInt(Span::rank).thenComparingInt(Span::start));
        return withoutOverlaps(found);
    }

    /** What a form alone does not show: the check digit of a card, and that a value looks as if drawn by chance. */
    private static boolean accepts(String kind, String text, int start, int end) {
        return switch (kind) {
            case "credit_card" -> Luhn.holds(text, start, end);
            case "hex_secret" -> bitsPerChar(text, start, end) >= LEAST_HEX_BITS;
            case "base64_secret", "aws_secret_key" -> bitsPerChar(text, start, end) >= LEAST_BASE64_BITS;
            default -> true;
        };
    }

    /** Shannon's entropy of the chars. */
    private static double bitsPerChar(String text, int start, int end) {
        int[] counts = new int[128];
        for (int i = start; i < end; i++) {
            counts[text.charAt(i) & 127]++;
        }
        double bits = 0;
        for (int count : counts) {
            if (count > 0) {
                double share = count / (double) (end - start);
                bits -= share * Math.log(share) / Math.log(2);
            }
        }
        return bits;
    }

    /** Of spans that overlap one is made, of the most specific kind: nothing of either may stay. In order of place. */
    private static List<Span> withoutOverlaps(List<Span> byRank) {
        TreeMap<Integer, Span> kept = new TreeMap<>();
        for (Span span : byRank) {
            Span merged = span;
            for (Map.Entry<Integer, Span> before = kept.lowerEntry(merged.end());
                    before != null && before.getValue().end() > merged.start();
                    before = kept.lowerEntry(merged.end())) {
                Span other = before.getValue();
                Span specific = other.rank() <= merged.rank() ? other : merged;
                merged = new Span(
                        specific.kind(),
                        Math.min(other.start(), merged.start()),
                        Math.max(other.end(), merged.end()),
                        specific.rank());
                kept.remove(before.getKey());
            }
            kept.put(merged.start(), merged);
        }
        return List.copyOf(kept.values());
    }

    /** From the most specific to the most general. */
    private static List<Kind> kinds() {
        String name = "(?:pass(?:word|wd|phrase)|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|"
                + "access[_-]?token|refresh[_-]?token|client[_-]?secret|token)";
        String sensitive = "(?i:secret|token|credential|private|signing|encryption|master|seed|key)";
        return List.of(
                credential(
                        "ssh_private_key",
                        "-----begin openssh",
                        "(?s)-----BEGIN OPENSSH PRIVATE KEY-----.*?(?:-----END OPENSSH PRIVATE KEY-----|\\z)"),
                credential(
                        "pem_private_key",
                        "-----begin",
                        "(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
                                + ".*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\\z)"),
                credential("anthropic_key", "sk-ant-", "\\bsk-ant-[A-Za-z0-9_-]{20,}"),
                credential("openai_key", "sk-", "\\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}"),
                credential("stripe_key", "k_", "\\b(?:sk|rk|whsec|pk)_(?:live_|test_)?[A-Za-z0-9]{20,}"),
                credential("aws_access_key", "a", "\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b"),
                credential("google_api_key", "aiza", "\\bAIza[A-Za-z0-9_-]{35}"),
                credential("github_token", "gh", "\\bgh[pousr]_[A-Za-z0-9]{36,}"),
                credential("github_token", "github_pat_", "\\bgithub_pat_[A-Za-z0-9_]{22,}"),
                credential("gitlab_token", "glpat-", "\\bglpat-[A-Za-z0-9_-]{20,}"),
                credential("slack_token", "xox", "\\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
                credential("sendgrid_key", "sg.", "\\bSG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}"),
                credential("huggingface_token", "hf_", "\\bhf_[A-Za-z0-9]{30,}"),
                credential("npm_token", "npm_", "\\bnpm_[A-Za-z0-9]{36}"),
                credential("twilio_key", "sk", "\\bSK[0-9a-fA-F]{32}\\b"),
                credential("mailgun_key", "key-", "\\bkey-[0-9a-f]{32}\\b"),
                credential(
                        "discord_token",
                        ".",
                        "\\b[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,40}\\b"),
                credential("google_oauth_token", "ya29.", "\\bya29\\.[A-Za-z0-9_-]{20,}"),
                credential("digitalocean_token", "_v1_", "\\bdo[opr]_v1_[a-f0-9]{64}\\b"),
                credential("shopify_token", "shp", "\\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\\b"),
                new Kind(
                        "heroku_key",
                        List.of("heroku"),
                        Pattern.compile("(?i)\\bheroku[a-z_ -]{0,20}[\"']?\\s*[:=]\\s*[\"']?"
                                + "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"),
                        1,
                        true),
                new Kind(
                        "aws_secret_key",
                        List.of("aws", "secret"),
                        Pattern.compile(
                                "(?i:aws|secret)[A-Za-z_ .-]{0,30}[\"']?\\s*[:=]\\s*[\"']?([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])"),
                        1,
                        true),
                credential("jwt_token", "eyj", "\\beyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*"),
                new Kind(
                        "connection_string",
                        List.of("://"),
                        Pattern.compile("\\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\\s:/@]{0,100}:([^\\s/@]{1,200})@"),
                        1,
                        true),
                new Kind(
                        "bearer_token",
                        List.of("bearer"),
                        Pattern.compile("(?i)\\bbearer\\s+([A-Za-z0-9._~+/=-]{16,})"),
                        1,
                        true),
                new Kind(
                        "basic_credentials",
                        List.of("basic"),
                        Pattern.compile("(?i)\\bauthorization\\s*[:=]\\s*[\"']?basic\\s+([A-Za-z0-9+/=]{8,})"),
                        1,
                        true),
                new Kind(
                        "hex_secret",
                        List.of(
                                "secret",
                                "token",
                                "credential",
                                "private",
                                "signing",
                                "encryption",
                                "master",
                                "seed",
                                "key"),
                        Pattern.compile("\\b" + sensitive
                                + "\\b[A-Za-z_ ]{0,20}[\"']?\\s*[:=]?\\s*[\"']?\\b([0-9a-fA-F]{64,512})\\b"),
                        1,
                        false),
                new Kind(
                        "base64_secret",
                        List.of(
                                "secret",
                                "token",
                                "credential",
                                "private",
                                "signing",
                                "encryption",
                                "master",
                                "seed",
                                "key"),
                        Pattern.compile("\\b" + sensitive
                                + "\\b[A-Za-z_ ]{0,20}[\"']?\\s*[:=]?\\s*[\"']?\\b([A-Za-z0-9+/_-]{48,512}={0,2})"),
                        1,
                        false),
                new Kind(
                        "password_assignment",
                        List.of("pass", "pwd", "secret", "key", "token"),
                        Pattern.compile("(?i)" + name + "[\"']?\\s*[:=]\\s*(?:\"([^\"\\n]{4,200})\")"),
                        1,
                        false),
                new Kind(
                        "password_assignment",
                        List.of("pass", "pwd", "secret", "key", "token"),
                        Pattern.compile("(?i)" + name + "[\"']?\\s*[:=]\\s*(?:'([^'\\n]{4,200})')"),
                        1,
                        false),
                new Kind(
                        "password_assignment",
                        List.of("pass", "pwd", "secret", "key", "token"),
                        Pattern.compile("(?i)" + name + "\\s*=\\s*([^\\s\"',;&\\[]{6,200})"),
                        1,
                        false),
                new Kind(
                        "password_assignment",
                        List.of("pass", "pwd", "secret", "key", "token"),
                        Pattern.compile(
                                "(?i)" + name + "\\s*:\\s*([^\\s\"',;&\\[]{0,100}[0-9!@#$%^*][^\\s\"',;&]{3,100})"),
                        1,
                        false),
                new Kind(
                        "credit_card",
                        List.of(),
                        Pattern.compile(
                                "\\b(?:[456][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}(?:[ -]?[0-9]{1,3})?"
                                        + "|4[0-9]{12}|2[2-7][0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}"
                                        + "|3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}|3[068][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{4})\\b"),
                        0,
                        false));
    }

    private static Kind credential(String name, String literal, String expression) {
        return new Kind(name, List.of(literal), Pattern.compile(expression), 0, true);
    }
}
