/** Guardrails on everything that goes in and out of an agent, and the redaction of secrets. */
module dev.hart.security {
    requires static transitive org.jspecify;
    requires transitive dev.hart.api;
    requires java.logging;
    requires java.management;
    requires java.naming;
    requires jdk.management;
    requires com.fasterxml.jackson.core;
    requires com.nimbusds.jose.jwt;
    requires io.github.bucket4j.core;
    requires org.bouncycastle.provider;
    requires org.slf4j;
    requires re2j;

    exports dev.hart.security;
    exports dev.hart.security.access;
    exports dev.hart.security.audit;
    exports dev.hart.security.node;
    exports dev.hart.security.rules;
    exports dev.hart.security.trust;

    uses dev.hart.spi.DeviceFacts;
}
