-- Full text of messages. SQLite's own tokenizer folds case and diacritics. The index keeps no second copy of the texts;
-- it knows rows by number, and the rows of `messages` have none that lasts (they are known by id, and VACUUM numbers
-- them anew).
CREATE TABLE message_search_rows (
    n INTEGER PRIMARY KEY,
    message BLOB NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE message_search USING fts5 (
    body,
    content = '',
    contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 2"
);
CREATE TRIGGER messages_search_insert AFTER INSERT ON messages WHEN new.search_text IS NOT NULL BEGIN
    INSERT INTO message_search_rows (message) VALUES (new.id);
    INSERT INTO message_search (rowid, body) VALUES (last_insert_rowid(), new.search_text);
END;
CREATE TRIGGER messages_search_update AFTER UPDATE OF search_text ON messages
WHEN new.search_text IS NOT old.search_text BEGIN
    DELETE FROM message_search WHERE rowid = (SELECT n FROM message_search_rows WHERE message = old.id);
    INSERT OR IGNORE INTO message_search_rows (message) VALUES (new.id);
    INSERT INTO message_search (rowid, body)
        SELECT n, new.search_text FROM message_search_rows WHERE message = new.id AND new.search_text IS NOT NULL;
END;
