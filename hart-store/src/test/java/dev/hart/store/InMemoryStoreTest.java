package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InMemoryStoreTest extends SqliteContract {
    @Override
    Store open() {
        return Store.inMemory();
    }

    @Test
    void twoStoresShareNothing() {
        try (Store one = Store.inMemory();
                Store other = Store.inMemory()) {
            one.migrate("test", StoreContract.class);
            other.migrate("test", StoreContract.class);
            one.write(tx -> insert(tx, "a"));
            assertThat(texts(other)).isEmpty();
        }
    }
}
