/** Tasks, their states, and their hash-chained history. */
module dev.hart.ledger {
    requires transitive dev.hart.api;
    requires transitive dev.hart.store;
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    requires org.slf4j;

    exports dev.hart.ledger;

    // Its migration scripts, which hart-store reads.
    opens dev.hart.ledger to
            dev.hart.store;
}
