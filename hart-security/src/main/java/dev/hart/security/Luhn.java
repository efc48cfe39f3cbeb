package dev.hart.security;

/** The check digit of card numbers. */
final class Luhn {
    private Luhn() {}

    /** Whether the 13 to 19 digits among the chars, not all of them equal, pass the test. */
    static boolean holds(String text, int start, int end) {
        int sum = 0;
        int digits = 0;
        int first = -1;
        boolean allEqual = true;
        for (int i = end - 1; i >= start; i--) {
            int digit = Character.digit(text.charAt(i), 10);
            if (digit >= 0) {
                first = first < 0 ? digit : first;
                allEqual &= digit == first;
                int doubled = digit * 2;
                sum += digits % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
                digits++;
            }
        }
        return digits >= 13 && digits <= 19 && !allEqual && sum % 10 == 0;
    }
}
