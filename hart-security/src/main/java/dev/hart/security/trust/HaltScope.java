package dev.hart.security.trust;

import dev.hart.spi.HaltCause;
import java.util.regex.Pattern;

/** Whom an order is for. */
public sealed interface HaltScope {
    /** Every node. */
    record Network() implements HaltScope {
        @Override
        public String toString() {
            return "network";
        }
    }

    /** @param name 1 to 63 of lower-case letters, digits and {@code -} */
    record Region(String name) implements HaltScope {
        private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

        public Region {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("a region's name is one DNS label in lower case");
            }
        }

        @Override
        public String toString() {
            return "region:" + name;
        }
    }

    /** @param id the node's key id */
    record Node(String id) implements HaltScope {
        private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

        public Node {
            if (!ID.matcher(id).matches()) {
                throw new IllegalArgumentException("a node's id is 32 hex digits in lower case");
            }
        }

        @Override
        public String toString() {
            return "node:" + id;
        }
    }

    /**
     * Reads {@code network}, {@code region:<name>} or {@code node:<id>}.
     *
     * @throws IllegalArgumentException for anything else
     */
    static HaltScope parse(String text) {
        if (text.equals("network")) {
            return new Network();
        }
        if (text.startsWith("region:")) {
            return new Region(text.substring("region:".length()));
        }
        if (text.startsWith("node:")) {
            return new Node(text.substring("node:".length()));
        }
        throw new IllegalArgumentException("a scope is network, region:<name> or node:<id>");
    }

    /** What kind of cause an order of this scope sets. */
    default HaltCause.Kind kind() {
        if (this instanceof Network) {
            return HaltCause.Kind.NETWORK;
        }
        return this instanceof Region ? HaltCause.Kind.REGION : HaltCause.Kind.NODE;
    }
}
