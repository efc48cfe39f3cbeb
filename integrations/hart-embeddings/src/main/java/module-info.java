/** Sentence vectors in the process, without a network. */
module dev.hart.embeddings {
    requires static org.jspecify;
    requires transitive dev.hart.api;
    requires static dev.hart.gpu;
    requires langchain4j.core;
    requires langchain4j.embeddings;
    requires langchain4j.embeddings.bge.small.en.v15.q;

    exports dev.hart.embeddings;

    provides dev.hart.gpu.catalogue.CatalogueProvider with
            dev.hart.embeddings.BgeSmallEntry;
    provides dev.hart.spi.SentenceEmbedder with
            dev.hart.embeddings.BgeSmallEmbedder;
}
