/** Any LangChain4j model as a model of HART. */
module dev.hart.langchain4j {
    requires static transitive org.jspecify;
    requires transitive dev.hart.api;
    requires com.fasterxml.jackson.databind;
    requires java.net.http;
    requires langchain4j.http.client;
    requires langchain4j.open.ai;
    requires transitive langchain4j.core;

    exports dev.hart.langchain4j;

    provides dev.hart.spi.LanguageModelProvider with
            dev.hart.langchain4j.OpenAiCompatibleModelProvider;
}
