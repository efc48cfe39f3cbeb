/** JUnit harness for agents: a fake clock, scripted models and tools, record and replay, faults, crashes, assertions on runs. */
module dev.hart.testing {
    requires static transitive org.jspecify;
    requires transitive dev.hart.api;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires com.fasterxml.jackson.databind;
    requires de.siegmar.fastcsv;
    requires dev.hart.core;
    requires dev.hart.ledger;
    requires dev.hart.tools;
    requires jdk.httpserver;

    exports dev.hart.testing;

    // JUnit makes the extension behind @HartTest by reflection.
    opens dev.hart.testing to
            org.junit.platform.commons;
}
