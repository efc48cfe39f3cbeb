package dev.hart.guard;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/** Which addresses of the network are of strangers. The one place for the ranges that everything here refuses. */
public final class Addresses {
    private Addresses() {}

    /** Whether an address is neither of this machine nor set apart by RFC 6890 and its registries. */
    public static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] b = address.getAddress();
        int first = b[0] & 0xff;
        int second = b[1] & 0xff;
        if (address instanceof Inet4Address) {
            return !(first == 0
                    || (first == 100 && second >= 64 && second < 128)
                    || (first == 192 && second == 0 && (b[2] == 0 || b[2] == 2))
                    || (first == 192 && second == 88 && (b[2] & 0xff) == 99)
                    || (first == 198 && (second == 18 || second == 19))
                    || (first == 198 && second == 51 && b[2] == 100)
                    || (first == 203 && second == 0 && b[2] == 113)
                    || first >= 240);
        }
        return (first & 0xe0) == 0x20 && !carriesAnother((Inet6Address) address);
    }

    /** 6to4 (2002::/16) and Teredo (2001::/32) carry an IPv4 address inside; 2001:db8::/32 is for documents. */
    private static boolean carriesAnother(Inet6Address address) {
        byte[] b = address.getAddress();
        boolean teredo = b[0] == 0x20 && b[1] == 0x01 && b[2] == 0 && b[3] == 0;
        boolean documents = b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && (b[3] & 0xff) == 0xb8;
        return (b[0] == 0x20 && b[1] == 0x02) || teredo || documents;
    }
}
