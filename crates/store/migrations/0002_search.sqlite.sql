-- Full text of messages. SQLite's own tokenizer folds case and diacritics.
CREATE VIRTUAL TABLE message_search USING fts5 (
    message UNINDEXED,
    body,
    tokenize = "unicode61 remove_diacritics 2"
);
CREATE TRIGGER messages_search_insert AFTER INSERT ON messages WHEN new.search_text IS NOT NULL BEGIN
    INSERT INTO message_search (message, body) VALUES (new.id, new.search_text);
END;
CREATE TRIGGER messages_search_update AFTER UPDATE OF search_text ON messages
WHEN new.search_text IS NOT old.search_text BEGIN
    DELETE FROM message_search WHERE message = old.id;
    INSERT INTO message_search (message, body) SELECT new.id, new.search_text WHERE new.search_text IS NOT NULL;
END;
