/** A text model of 2 MB that this project made, for tests and demonstrations. */
module dev.hart.tinymodel {
    requires static dev.hart.gpu;
    requires static org.jspecify;

    exports dev.hart.tinymodel;

    provides dev.hart.gpu.catalogue.CatalogueProvider with
            dev.hart.tinymodel.TinyModelEntry;
}
