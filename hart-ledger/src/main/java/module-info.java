/** SmartLedger: durable tasks and their hash-chained history. */
module dev.hart.ledger {
    requires transitive dev.hart.api;
    requires transitive dev.hart.store;
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    requires com.github.f4b6a3.uuid;

    exports dev.hart.ledger;

    // The store reads the migrations beside a class of the package.
    opens dev.hart.ledger to
            dev.hart.store;
}
