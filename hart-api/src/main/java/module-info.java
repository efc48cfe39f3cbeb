/** The words users write against: interfaces, records, annotations and exceptions. No implementation beyond what keeps a value correct. */
module dev.hart.api {
    requires static transitive org.jspecify;

    exports dev.hart;
    exports dev.hart.error;
    exports dev.hart.guard;
    exports dev.hart.json;
    exports dev.hart.model;
    exports dev.hart.recipe;
    exports dev.hart.spi;
    exports dev.hart.tool;

    uses dev.hart.spi.HartProvider;
}
