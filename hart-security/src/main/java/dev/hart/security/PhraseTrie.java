package dev.hart.security;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The words and phrases of all families, one character a level. Words of a phrase are joined by one blank; scripts
 * written without blanks are entered as they are. Immutable after {@link Builder#build()}.
 */
final class PhraseTrie {
    private static final int[] NONE = {};
    private final Node root;

    private PhraseTrie(Node root) {
        this.root = root;
    }

    Node root() {
        return root;
    }

    /** The length of the longest whole word or phrase that begins at an index, or 0. */
    int longestWord(CharSequence text, int from) {
        Node node = root;
        int longest = 0;
        for (int i = from; i < text.length(); i++) {
            Node next = node.next(text.charAt(i));
            if (next == null) {
                break;
            }
            node = next;
            if (node.words.length > 0) {
                longest = i + 1 - from;
            }
        }
        return longest;
    }

    /** One prefix. */
    static final class Node {
        private final char[] keys;
        private final Node[] children;
        /** Families of which this prefix is a whole entry. */
        final int[] words;
        /** Families that accept any word with this beginning. */
        final int[] stems;

        private Node(char[] keys, Node[] children, int[] words, int[] stems) {
            this.keys = keys;
            this.children = children;
            this.words = words;
            this.stems = stems;
        }

        @Nullable
        Node next(char c) {
            int at = Arrays.binarySearch(keys, c);
            return at < 0 ? null : children[at];
        }
    }

    /** Not thread-safe. */
    static final class Builder {
        private char[] keys = {};
        private Builder[] children = {};
        private int[] words = NONE;
        private int[] stems = NONE;

        void add(String entry, int family) {
            boolean stem = entry.endsWith("*");
            String text = stem ? entry.substring(0, entry.length() - 1) : entry;
            Builder node = this;
            for (int i = 0; i < text.length(); i++) {
                node = node.child(text.charAt(i));
            }
            if (stem) {
                node.stems = with(node.stems, family);
            } else {
                node.words = with(node.words, family);
            }
        }

        PhraseTrie build() {
            return new PhraseTrie(freeze());
        }

        private Builder child(char c) {
            int at = Arrays.binarySearch(keys, c);
            if (at >= 0) {
                return children[at];
            }
            int place = -at - 1;
            int length = keys.length;
            char[] moreKeys = Arrays.copyOf(keys, length + 1);
            Builder[] moreChildren = Arrays.copyOf(children, length + 1);
            System.arraycopy(keys, place, moreKeys, place + 1, length - place);
            System.arraycopy(children, place, moreChildren, place + 1, length - place);
            moreKeys[place] = c;
            moreChildren[place] = new Builder();
            keys = moreKeys;
            children = moreChildren;
            return children[place];
        }

        private Node freeze() {
            Node[] nodes = new Node[children.length];
            for (int i = 0; i < nodes.length; i++) {
                nodes[i] = children[i].freeze();
            }
            return new Node(keys, nodes, words, stems);
        }

        private static int[] with(int[] families, int family) {
            for (int known : families) {
                if (known == family) {
                    return families;
                }
            }
            int[] longer = Arrays.copyOf(families, families.length + 1);
            longer[families.length] = family;
            return longer;
        }
    }
}
