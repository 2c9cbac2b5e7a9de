package org.cairn.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Opens journals. */
public final class Ledgers {
    private Ledgers() {
    }

    public static Journal openJournal(String name) {
        return new FileJournal(Path.of(name + ".journal"));
    }

    private static final class FileJournal implements Journal {
        private final Path path;
        private boolean sealed;

        FileJournal(Path path) {
            this.path = path;
        }

        @Override
        public void enter(String line) {
            if (sealed) {
                throw new StoreFault("journal " + path + " is sealed");
            }
            try {
                Files.writeString(path, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException ex) {
                throw new StoreFault("journal " + path + " cannot be written");
            }
        }

        @Override
        public void seal() {
            sealed = true;
        }
    }
}
