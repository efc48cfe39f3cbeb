package dev.hart.ledger;

/**
 * Tells keys that name a secret. A key is split into words at {@code _}, {@code -} and changes of case; whole words count,
 * so {@code auth_token} and {@code apiKey} name secrets and {@code tokens_used} does not.
 */
final class SecretNames {
    private static final String[] WORDS = {"password", "token", "secret", "credential", "ssn"};
    private static final String[][] PAIRS = {{"api", "key"}, {"private", "key"}, {"credit", "card"}, {"card", "number"}
    };

    private static final String FIRST_LETTERS = "acpstACPST";

    private SecretNames() {}

    static boolean isSecret(String key) {
        for (int start = 0; start < key.length(); start++) {
            if (FIRST_LETTERS.indexOf(key.charAt(start)) >= 0 && startsWord(key, start) && secretAt(key, start)) {
                return true;
            }
        }
        return false;
    }

    private static boolean secretAt(String key, int start) {
        for (String word : WORDS) {
            if (isWord(key, start, word)) {
                return true;
            }
        }
        for (String[] pair : PAIRS) {
            if (isWord(key, start, pair[0])) {
                int next = start + pair[0].length();
                while (next < key.length() && isSeparator(key.charAt(next))) {
                    next++;
                }
                if (isWord(key, next, pair[1])) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isWord(String key, int start, String word) {
        int end = start + word.length();
        return key.regionMatches(true, start, word, 0, word.length())
                && (end == key.length() || isSeparator(key.charAt(end)) || startsWord(key, end));
    }

    private static boolean startsWord(String key, int i) {
        char c = key.charAt(i);
        if (isSeparator(c)) {
            return false;
        }
        if (i == 0 || isSeparator(key.charAt(i - 1))) {
            return true;
        }
        if (!Character.isUpperCase(c)) {
            return false;
        }
        boolean endsCapitals = i + 1 < key.length() && Character.isLowerCase(key.charAt(i + 1)); // the K of APIKey
        return !Character.isUpperCase(key.charAt(i - 1)) || endsCapitals;
    }

    private static boolean isSeparator(char c) {
        return c == '_' || c == '-';
    }
}
