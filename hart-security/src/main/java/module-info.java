/** Guardrails on everything that goes in and out of an agent, and the redaction of secrets. */
module dev.hart.security {
    requires static transitive org.jspecify;
    requires transitive dev.hart.api;
    requires java.logging;
    requires org.bouncycastle.provider;
    requires java.management;
    requires jdk.management;
    requires com.nimbusds.jose.jwt;
    requires io.github.bucket4j.core;
    requires org.slf4j;
    requires re2j;

    exports dev.hart.security;
    exports dev.hart.security.rules;
    exports dev.hart.security.access;
    exports dev.hart.security.audit;
    exports dev.hart.security.node;

    uses dev.hart.spi.DeviceFacts;
}
