package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.audit.AuditLog;
import dev.hart.security.node.Watchdog;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens, origins and HTTPS, on a real server. */
class ServerSecurityTest {
    private static final String[] WITH_KEY = {"X-API-Key", ServedHart.KEY};
    private static final String PASSWORD = "for-tests-only";

    @TempDir
    private Path directory;

    private ServedHart served() throws IOException {
        return new ServedHart(directory, settings -> settings.apiKey(ServedHart.KEY));
    }

    private static Map<String, Object> tokens(ServedHart served, String subject, String scope) {
        ServedHart.Answer answer =
                served.post("/api/auth/tokens", JsonText.write(Map.of("subject", subject, "scope", scope)), WITH_KEY);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json();
    }

    private static String[] bearer(Map<String, Object> tokens) {
        return new String[] {"Authorization", "Bearer " + tokens.get("access_token")};
    }

    private static ServedHart.Answer refresh(ServedHart served, Object token) {
        return served.post("/api/auth/refresh", JsonText.write(Map.of("refresh_token", token)));
    }

    @Test
    void aUsersTokenOpensWhatTheKeyOpensAndNamesItsUserInTheLedger() throws IOException {
        try (ServedHart served = served()) {
            Map<String, Object> ann = tokens(served, "ann", "user");
            assertThat(ann).containsEntry("token_type", "Bearer").containsEntry("expires_in", 3_600L);

            assertThat(served.get("/runs", bearer(ann)).status()).isEqualTo(200);
            ServedHart.Answer added = served.post(
                    "/api/ledgers/team/work/tasks", "{\"task_id\":\"t1\",\"description\":\"First\"}", bearer(ann));
            assertThat(added.status()).isEqualTo(201);
            assertThat(served.get("/api/ledgers/team/work/tasks/t1/history", bearer(ann))
                            .body())
                    .contains("\"actor\":\"ann\"");
        }
    }

    @Test
    void anAgentsTokenIsForDistributedWorkOnlyAndAsItself() throws IOException {
        try (ServedHart served = served()) {
            Map<String, Object> ant = tokens(served, "ant", "agent");

            assertThat(served.get("/runs", bearer(ant)).status()).isEqualTo(403);
            assertThat(served.post("/api/auth/tokens", "{\"subject\":\"x\",\"scope\":\"user\"}", bearer(ant))
                            .status())
                    .isEqualTo(403);
            assertThat(served.get("/api/distributed/status", bearer(ant)).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aRefreshTokenWorksOnceAndUsingItTwiceEndsTheSignIn() throws IOException {
        try (ServedHart served = served()) {
            Map<String, Object> first = tokens(served, "ann", "user");
            ServedHart.Answer renewed = refresh(served, first.get("refresh_token"));
            assertThat(renewed.status()).isEqualTo(200);
            Map<String, Object> second = renewed.json();
            assertThat(served.get("/runs", bearer(second)).status()).isEqualTo(200);

            ServedHart.Answer again = refresh(served, first.get("refresh_token"));

            assertThat(again.status()).isEqualTo(400);
            assertThat(again.json()).containsEntry("code", "invalid_grant");
            assertThat(served.get("/runs", bearer(second)).status()).isEqualTo(401);
            assertThat(refresh(served, second.get("refresh_token")).status()).isEqualTo(400);
            assertThat(served.hart.unwrap(AuditLog.class).verify().entries())
                    .as("issued, reused")
                    .isEqualTo(2);
        }
    }

    @Test
    void tokensAreRevokedForASubjectAndAForgedOneIsNeverTakenForNobody() throws IOException {
        try (ServedHart served = served()) {
            Map<String, Object> ann = tokens(served, "ann", "user");
            assertThat(served.post("/api/auth/revoke", "{\"subject\":\"ann\"}", WITH_KEY)
                            .status())
                    .isEqualTo(200);

            assertThat(served.get("/runs", bearer(ann)).status()).isEqualTo(401);
            assertThat(served.get("/health", bearer(ann)).status()).isEqualTo(401);
            String none = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.US_ASCII));
            String claims = String.valueOf(ann.get("access_token")).split("\\.")[1];
            assertThat(served.get("/runs", "Authorization", "Bearer " + none + "." + claims + ".")
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void tokensSurviveARestartOfTheServer() throws IOException {
        Map<String, Object> ann;
        try (ServedHart served = served()) {
            ann = tokens(served, "ann", "user");
        }
        try (ServedHart served = served()) {
            assertThat(served.get("/runs", bearer(ann)).status()).isEqualTo(200);
            assertThat(refresh(served, ann.get("refresh_token")).status()).isEqualTo(200);
        }
    }

    @Test
    void withoutAKeyNoTokensAreGiven() throws IOException {
        try (ServedHart served = new ServedHart(directory, settings -> settings)) {
            ServedHart.Answer answer = served.post("/api/auth/tokens", "{\"subject\":\"ann\",\"scope\":\"user\"}");

            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.json()).containsEntry("code", "no_key");
        }
    }

    @Test
    void theSixthTokenWithinAMinuteIsRefused() throws IOException {
        try (ServedHart served = served()) {
            for (int i = 0; i < 5; i++) {
                tokens(served, "ann", "user");
            }
            ServedHart.Answer sixth =
                    served.post("/api/auth/tokens", "{\"subject\":\"ann\",\"scope\":\"user\"}", WITH_KEY);

            assertThat(sixth.status()).isEqualTo(429);
            assertThat(Long.parseLong(sixth.header("Retry-After"))).isBetween(1L, 60L);
        }
    }

    @Test
    void theOperatorSeesAuditCapabilitiesAndWatchedTasks() throws IOException {
        try (Watchdog watchdog = Watchdog.configure().withoutThreads().open();
                ServedHart served = new ServedHart(
                        directory, settings -> settings.apiKey(ServedHart.KEY).watchdog(watchdog))) {
            watchdog.register("gossip", Duration.ofSeconds(120), incarnation -> new Thread(() -> {}), () -> {});
            tokens(served, "ann", "user");

            assertThat(served.get("/api/security/audit/verify", WITH_KEY).json())
                    .containsEntry("sound", true)
                    .containsEntry("entries", 1L);
            assertThat(served.get("/api/security/capabilities", WITH_KEY).json())
                    .containsKeys("tier", "enabled", "disabled", "memory_gb");
            assertThat(served.get("/api/security/watchdog", WITH_KEY).body())
                    .contains("\"healthy\":true", "\"name\":\"gossip\"", "\"status\":\"healthy\"");
        }
    }

    @Test
    void onlyOriginsThatAreNamedExactlyMayCall() throws IOException {
        try (ServedHart served = new ServedHart(directory, settings -> settings.allowOrigin("https://a.example"))) {
            ServedHart.Answer named =
                    served.post("/recipes/match", "{\"request\":\"x\"}", "Origin", "https://a.example");
            assertThat(named.status()).isEqualTo(200);
            assertThat(named.header("Access-Control-Allow-Origin")).isEqualTo("https://a.example");
            assertThat(named.header("Access-Control-Allow-Credentials")).isEqualTo("true");
            assertThat(named.header("Vary")).contains("Origin");
            for (String other : new String[] {
                "https://a.example.evil", "http://a.example", "https://A.example", "null", "https://a.example:444", "*"
            }) {
                ServedHart.Answer refused = served.post("/recipes/match", "{\"request\":\"x\"}", "Origin", other);
                assertThat(refused.status()).as(other).isEqualTo(403);
                assertThat(refused.header("Access-Control-Allow-Origin")).isNull();
                assertThat(served.get("/health", "Origin", other).header("Access-Control-Allow-Origin"))
                        .isNull();
            }
        }
    }

    @Test
    void aPreflightIsAnsweredForNamedOriginsOnly() throws IOException {
        try (ServedHart served = new ServedHart(directory, settings -> settings.allowOrigin("https://a.example"))) {
            ServedHart.Answer yes = served.send(
                    "OPTIONS", "/runs", null, "Origin", "https://a.example", "Access-Control-Request-Method", "POST");
            assertThat(yes.status()).isEqualTo(204);
            assertThat(yes.header("Access-Control-Allow-Methods")).contains("POST");
            assertThat(yes.header("Access-Control-Allow-Headers")).contains("X-API-Key");
            assertThat(yes.header("Access-Control-Max-Age")).isEqualTo("600");

            ServedHart.Answer no = served.send(
                    "OPTIONS", "/runs", null, "Origin", "https://b.example", "Access-Control-Request-Method", "POST");
            assertThat(no.header("Access-Control-Allow-Methods")).isNull();
            assertThat(no.header("Access-Control-Allow-Origin")).isNull();
        }
    }

    @Test
    void withoutNamedOriginsThereAreNoCorsHeadersAndNoHeaderOpensADoor() throws IOException {
        try (ServedHart served = served()) {
            assertThat(served.get("/health", "Origin", "https://a.example").header("Access-Control-Allow-Origin"))
                    .isNull();
            assertThat(served.post(
                                    "/runs",
                                    "{\"request\":\"x\"}",
                                    "Origin",
                                    "https://a.example",
                                    "X-CSRF-Token",
                                    "anything",
                                    "X-API-Key",
                                    ServedHart.KEY)
                            .status())
                    .isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*", "", "https://a.example/", "https://A.example", "a.example", "https://*.example", "null"})
    void anOriginIsNamedExactlyOrRefused(String origin) {
        assertThatThrownBy(() -> HartServer.of(new NoHart().hart()).allowOrigin(origin))
                .isInstanceOf(InvalidConfigurationException.class);
    }

    /** Settings alone need no runtime. */
    private static final class NoHart {
        dev.hart.Hart hart() {
            return (dev.hart.Hart) java.lang.reflect.Proxy.newProxyInstance(
                    ServerSecurityTest.class.getClassLoader(),
                    new Class<?>[] {dev.hart.Hart.class},
                    (proxy, method, arguments) -> null);
        }
    }

    private Path keyStore(String algorithm) throws Exception {
        Path file = directory.resolve(algorithm + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor())
                .as(new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isZero();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static KeyStore load(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static HttpClient trusting(Certificate certificate) throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry("server", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static HttpResponse<String> get(HttpClient client, URI uri, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    private Path privateFile(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA"})
    void httpsIsServedWithACertificateInPem(String algorithm) throws Exception {
        KeyStore store = load(keyStore(algorithm));
        PrivateKey key = (PrivateKey) store.getKey("server", PASSWORD.toCharArray());
        Certificate certificate = store.getCertificate("server");
        Path chain = Files.writeString(directory.resolve("chain.pem"), pem("CERTIFICATE", certificate.getEncoded()));
        Path keyFile = privateFile("key.pem", pem("PRIVATE KEY", key.getEncoded()));

        try (ServedHart served = new ServedHart(
                directory, settings -> settings.apiKey(ServedHart.KEY).tls(chain, keyFile))) {
            URI base = served.server.baseUri();
            assertThat(base.getScheme()).isEqualTo("https");
            HttpClient client = trusting(certificate);

            HttpResponse<String> health = get(client, base.resolve("/health"));
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
            assertThat(health.headers().firstValue("Strict-Transport-Security"))
                    .hasValue("max-age=31536000; includeSubDomains; preload");
            assertThat(get(client, base.resolve("/runs")).statusCode()).isEqualTo(401);
            assertThat(get(client, base.resolve("/runs"), WITH_KEY).statusCode())
                    .isEqualTo(200);
            assertThatThrownBy(() -> get(HttpClient.newHttpClient(), base.resolve("/health")))
                    .as("whoever does not trust the certificate does not talk")
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> get(
                            HttpClient.newHttpClient(), URI.create("http://127.0.0.1:" + base.getPort() + "/health")))
                    .as("there is no unprotected way in")
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void httpsIsServedFromAKeyStore() throws Exception {
        Path file = keyStore("EC");

        try (ServedHart served = new ServedHart(directory, settings -> settings.tlsKeyStore(file, PASSWORD))) {
            HttpClient client = trusting(load(file).getCertificate("server"));
            assertThat(get(client, served.server.baseUri().resolve("/health")).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void overHttpThereIsNoStrictTransportSecurity() throws IOException {
        try (ServedHart served = served()) {
            assertThat(served.get("/health").header("Strict-Transport-Security"))
                    .isNull();
            assertThat(served.get("/health").header("X-Frame-Options")).isEqualTo("DENY");
        }
    }

    @Test
    void aCertificateThatCannotBeUsedIsRefusedBeforeTheServerStarts() throws Exception {
        KeyStore store = load(keyStore("EC"));
        KeyStore other = load(keyStore("RSA"));
        String chainText = pem("CERTIFICATE", store.getCertificate("server").getEncoded());
        Path chain = Files.writeString(directory.resolve("c.pem"), chainText);
        Path key = privateFile(
                "k.pem",
                pem(
                        "PRIVATE KEY",
                        store.getKey("server", PASSWORD.toCharArray()).getEncoded()));
        Path wrongKind = privateFile(
                "w.pem",
                pem(
                        "PRIVATE KEY",
                        other.getKey("server", PASSWORD.toCharArray()).getEncoded()));
        Path noKey = privateFile("n.pem", chainText);
        HartServerBuilder settings = HartServer.of(new NoHart().hart());

        assertThatThrownBy(() -> settings.tls(chain, wrongKind)).isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> settings.tls(chain, noKey)).isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> settings.tls(key, key)).isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> settings.tls(directory.resolve("none.pem"), key))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> settings.tlsKeyStore(directory.resolve("EC.p12"), "wrong"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("the password is wrong");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> settings.tls(chain, key))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("chmod 600");
    }
}
