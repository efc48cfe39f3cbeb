/**
 * Who may be believed: trust anchors, signed envelopes and orders, certificate chains, releases, and the checks of a start.
 * Only verification is here; anchors and issuers sign in hart-signing, which no part of the runtime depends on.
 */
@NullMarked
package dev.hart.security.trust;

import org.jspecify.annotations.NullMarked;
