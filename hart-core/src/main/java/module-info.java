/** The runtime behind {@code Hart.create()}: planner, recipe pipeline and run engine. Exports nothing to applications: use dev.hart.api. */
@SuppressWarnings("module")
module dev.hart.core {
    requires dev.hart.api;
    requires dev.hart.ledger;
    requires dev.hart.security;
    requires dev.hart.store;
    requires dev.hart.tools;
    requires com.cronutils;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.datatype.jdk8;
    requires com.fasterxml.jackson.datatype.jsr310;
    requires com.github.f4b6a3.uuid;
    requires com.networknt.schema;
    requires org.slf4j;
    requires static org.jspecify;

    // hart-test records and replays the calls of annotated tools.
    exports dev.hart.core.tool to
            dev.hart.testing;

    // Its migration scripts, which hart-store reads.
    opens dev.hart.core.recipe to
            dev.hart.store;
    opens dev.hart.core.access to
            dev.hart.store;
    opens dev.hart.core.audit to
            dev.hart.store;

    uses dev.hart.spi.LanguageModelProvider;
    uses dev.hart.spi.RuntimePart;
    uses dev.hart.spi.SentenceEmbedder;

    provides dev.hart.spi.HartProvider with
            dev.hart.core.CoreHartProvider;
}
