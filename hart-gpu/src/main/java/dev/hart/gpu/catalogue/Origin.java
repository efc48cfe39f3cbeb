package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.net.URI;
import java.util.Locale;

/**
 * Where a URL leads: scheme, host and port.
 *
 * @param port that counts, also when the URL names none
 */
record Origin(String scheme, String host, int port) {

    /** @throws ModelFileException NOT_DOWNLOADABLE when it is no http or https URL with a host */
    static Origin of(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || uri.getUserInfo() != null || !(scheme.equals("https") || scheme.equals("http"))) {
            throw new ModelFileException(
                    "NOT_DOWNLOADABLE",
                    "a model's file needs an http or https URL with a host and without a user, but it was '%s'"
                            .formatted(SafeNames.shown(withoutSecrets(uri))));
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return new Origin(scheme, uri.getHost().toLowerCase(Locale.ROOT), port);
    }

    boolean isLoopback() {
        return host.equals("localhost")
                || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}")
                || host.equals("[::1]")
                || host.equals("::1");
    }

    /** Without user and query, which may hold a signature. */
    static String withoutSecrets(URI uri) {
        String text = uri.toString();
        int query = text.indexOf('?');
        text = query < 0 ? text : text.substring(0, query);
        return uri.getRawUserInfo() == null ? text : text.replace(uri.getRawUserInfo() + "@", "");
    }
}
