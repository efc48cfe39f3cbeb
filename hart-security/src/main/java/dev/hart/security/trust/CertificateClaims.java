package dev.hart.security.trust;

import dev.hart.security.canonical.CanonicalText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a certificate says beside names and key, in a private extension: the tier, and what the node may do.
 *
 * @param capabilities at most 32 names of letters, digits and {@code _}, such as {@code agent_host}
 */
public record CertificateClaims(CertificateTier tier, Set<String> capabilities) {
    /** The extension's object identifier. It is not critical: the JDK refuses critical ones that it does not know. */
    public static final String OID = "2.25.147696107625103850810745149452333404580";

    private static final Pattern CAPABILITY = Pattern.compile("[a-z][a-z0-9_]{0,63}");
    private static final int MOST = 32;
    private static final int VERSION = 1;
    private static final int OCTET_STRING = 0x04;
    private static final int UTF8_STRING = 0x0c;

    public CertificateClaims {
        capabilities = Set.copyOf(capabilities);
        if (capabilities.size() > MOST
                || !capabilities.stream().allMatch(c -> CAPABILITY.matcher(c).matches())) {
            throw new IllegalArgumentException(
                    "a certificate has at most 32 capabilities of lower-case letters, digits and _");
        }
    }

    /** The extension's text. */
    public String toJson() {
        return CanonicalText.of(
                Map.of("capabilities", List.copyOf(new TreeSet<>(capabilities)), "tier", tier.word(), "v", VERSION));
    }

    /**
     * What a certificate claims. That it can be read says nothing about who signed.
     *
     * @throws MalformedException when the extension is missing, critical, or not what {@link #toJson} writes
     */
    public static CertificateClaims of(X509Certificate certificate) throws MalformedException {
        byte[] extension = certificate.getExtensionValue(OID);
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        if (extension == null || (critical != null && critical.contains(OID))) {
            throw new MalformedException("the extension with tier and capabilities is missing or critical");
        }
        byte[] json = content(content(extension, OCTET_STRING), UTF8_STRING);
        StrictJson.Fields fields = StrictJson.object(json).only(Set.of("capabilities", "tier", "v"));
        if (fields.number("v") != VERSION) {
            throw new MalformedException("the extension is of version " + fields.number("v"));
        }
        try {
            Set<String> capabilities = new TreeSet<>();
            for (Object item : fields.list("capabilities")) {
                capabilities.add(String.valueOf(item));
            }
            CertificateClaims claims = new CertificateClaims(CertificateTier.of(fields.text("tier")), capabilities);
            if (!claims.toJson().equals(new String(json, StandardCharsets.UTF_8))) {
                throw new MalformedException("the extension is not in its canonical form");
            }
            return claims;
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The content of one DER value that fills the bytes. */
    private static byte[] content(byte[] der, int tag) throws MalformedException {
        ByteBuffer bytes = ByteBuffer.wrap(der);
        if (bytes.remaining() < 2 || bytes.get() != tag) {
            throw new MalformedException("the extension holds no UTF-8 text");
        }
        int length = bytes.get() & 0xff;
        if (length > 0x80 && length <= 0x82) {
            int more = length - 0x80;
            length = 0;
            for (; more > 0 && bytes.hasRemaining(); more--) {
                length = length << 8 | bytes.get() & 0xff;
            }
        }
        if (length != bytes.remaining()) {
            throw new MalformedException("the extension is cut off");
        }
        byte[] content = new byte[length];
        bytes.get(content);
        return content;
    }
}
