package dev.hart.tools;

/** Finds out which character parts the fields of a CSV file, from its first records. */
final class CsvSeparator {
    private static final char[] CANDIDATES = {',', ';', '\t', '|'};
    private static final int RECORDS_COMPARED = 10;

    private CsvSeparator() {}

    /**
     * The candidate that stands equally often, and most often, in each of the first records outside quotes; when none does,
     * the one most frequent in the header; when there is none at all, the comma.
     */
    static char of(CharSequence sample) {
        int[][] counts = new int[RECORDS_COMPARED][CANDIDATES.length];
        int records = count(sample, counts);
        int best = -1;
        for (int c = 0; c < CANDIDATES.length; c++) {
            if (counts[0][c] > 0 && isSteady(counts, records, c) && (best < 0 || counts[0][c] > counts[0][best])) {
                best = c;
            }
        }
        for (int c = 0; best < 0 && c < CANDIDATES.length; c++) {
            if (counts[0][c] > 0 && isLargest(counts[0], c)) {
                best = c;
            }
        }
        return best < 0 ? ',' : CANDIDATES[best];
    }

    /** Counts the candidates of each complete record; returns how many records there are. */
    private static int count(CharSequence sample, int[][] counts) {
        int record = 0;
        boolean quoted = false;
        boolean empty = true;
        for (int i = 0; i < sample.length(); i++) {
            char c = sample.charAt(i);
            if (c == '"') {
                quoted = !quoted;
                empty = false;
            } else if (!quoted && (c == '\n' || c == '\r')) {
                if (!empty && ++record == RECORDS_COMPARED) {
                    return record;
                }
                empty = true;
            } else {
                empty = false;
                for (int candidate = 0; !quoted && candidate < CANDIDATES.length; candidate++) {
                    if (c == CANDIDATES[candidate]) {
                        counts[record][candidate]++;
                    }
                }
            }
        }
        return record;
    }

    private static boolean isSteady(int[][] counts, int records, int candidate) {
        for (int r = 1; r < records; r++) {
            if (counts[r][candidate] != counts[0][candidate]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLargest(int[] counts, int candidate) {
        for (int count : counts) {
            if (count > counts[candidate]) {
                return false;
            }
        }
        return true;
    }
}
