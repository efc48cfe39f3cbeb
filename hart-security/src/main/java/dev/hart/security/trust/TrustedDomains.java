package dev.hart.security.trust;

import dev.hart.error.InvalidConfigurationException;
import java.net.IDN;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The domains under which a network's nodes may have their names; given by the host application, none shipped. Immutable. */
public final class TrustedDomains {
    private static final Pattern NAME =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    private final Set<String> domains = new LinkedHashSet<>();

    /** @throws InvalidConfigurationException when one is no DNS name of two labels or more */
    public TrustedDomains(Collection<String> domains) {
        for (String domain : domains) {
            String name = normalised(domain)
                    .filter(n -> n.contains("."))
                    .orElseThrow(() -> new InvalidConfigurationException(
                            "the trusted domain '" + domain + "' is no DNS name of two labels or more"));
            this.domains.add(name);
        }
    }

    /** Whether the name is one of the domains, or below one, label by label. */
    public boolean contains(String fqdn) {
        Optional<String> name = normalised(fqdn);
        return name.isPresent()
                && domains.stream()
                        .anyMatch(domain ->
                                name.get().equals(domain) || name.get().endsWith("." + domain));
    }

    /** A DNS name in ASCII and lower case; empty for what is none. */
    static Optional<String> normalised(String name) {
        try {
            String ascii = IDN.toASCII(name, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
            return NAME.matcher(ascii).matches() ? Optional.of(ascii) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
