/** A text model of 2 MB that this project made, for tests and demonstrations. */
module dev.hart.tinymodel {
    requires static org.jspecify;

    exports dev.hart.tinymodel;
}
