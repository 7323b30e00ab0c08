-- What SQLite cannot know by itself: that a workspace holds nearly all rows of a table. Without it, the planner takes
-- an index that begins with the workspace for selective, and reads a whole workspace to find sixty-four rows by their
-- ids. The numbers are those of `ANALYZE`: rows, then rows for each longer beginning of the index's columns
-- (https://sqlite.org/fileformat2.html#stat1tab).
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('addresses', 'sqlite_autoindex_addresses_1', '1000000 1000000 1000000 400000 1'),
    ('contacts', 'contacts_list', '1000000 1000000 1 1'),
    ('contacts', 'contacts_name', '1000000 1000000 2'),
    ('conversations', 'conversations_list', '1000000 1000000 1 1'),
    ('conversations', 'conversations_status', '1000000 1000000 300000 1 1'),
    ('conversations', 'conversations_assignee', '1000000 1000000 30000 10000 1 1'),
    ('events', 'sqlite_autoindex_events_1', '1000000 1000000 1'),
    ('jobs', 'jobs_dead', '1000 1000 1'),
    ('messages', 'messages_client', '500000 500000 1'),
    ('notes', 'notes_client', '100000 100000 1'),
    ('receipts', 'receipts_list', '1000000 1000000 1 1'),
    ('receipts', 'receipts_rejected', '1000 1000 1');
ANALYZE sqlite_schema;
