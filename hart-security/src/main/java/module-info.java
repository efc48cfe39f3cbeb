/** Guardrails on everything that goes in and out of an agent, and the redaction of secrets. */
module dev.hart.security {
    requires static transitive org.jspecify;
    requires transitive dev.hart.api;
    requires org.bouncycastle.provider;
    requires org.slf4j;
    requires re2j;

    exports dev.hart.security;
    exports dev.hart.security.rules;
}
