//! Where SQLite and PostgreSQL need different texts. Both stand side by side under one name; everything else
//! in this crate is one text for both.

use crate::statements;

statements! {
    // $1 lane, $2 now, $3 limit, $4 lease end, $5 token. An earlier unfinished job with the same order key
    // blocks a later one. PostgreSQL skips what another process is claiming at this moment.
    CLAIM_JOBS = "UPDATE jobs SET state = 'claimed', lease_until = $4, lease_token = $5, attempt = attempt + 1
        WHERE id IN (
            SELECT j.id FROM jobs j WHERE j.lane = $1 AND j.state = 'ready' AND j.run_at <= $2
                AND (j.order_key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM jobs e WHERE e.order_key = j.order_key AND e.id < j.id AND e.state IN ('ready', 'claimed')))
            ORDER BY j.run_at, j.id LIMIT $3)
        RETURNING id, workspace, kind, attempt, payload, subject, cause, depth, trace, lease_token",
        postgres: "UPDATE jobs SET state = 'claimed', lease_until = $4, lease_token = $5, attempt = attempt + 1
        WHERE id IN (
            SELECT j.id FROM jobs j WHERE j.lane = $1 AND j.state = 'ready' AND j.run_at <= $2
                AND (j.order_key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM jobs e WHERE e.order_key = j.order_key AND e.id < j.id AND e.state IN ('ready', 'claimed')))
            ORDER BY j.run_at, j.id LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING id, workspace, kind, attempt, payload, subject, cause, depth, trace, lease_token";

    // $1 workspace. The plus keeps SQLite, which knows nothing of how few wait, from reading every delivery of the
    // workspace instead of the index of those that wait.
    COUNT_RECEIPTS = "SELECT 'received' AS state, CAST(COUNT(*) AS BIGINT) AS n, MIN(received_at) AS oldest FROM receipts
            WHERE +workspace = $1 AND state = 'received'
        UNION ALL SELECT 'rejected' AS state, CAST(COUNT(*) AS BIGINT) AS n, MIN(received_at) AS oldest FROM receipts
            WHERE workspace = $1 AND state = 'rejected'",
        postgres: "SELECT 'received' AS state, CAST(COUNT(*) AS BIGINT) AS n, MIN(received_at) AS oldest FROM receipts
            WHERE workspace = $1 AND state = 'received'
        UNION ALL SELECT 'rejected' AS state, CAST(COUNT(*) AS BIGINT) AS n, MIN(received_at) AS oldest FROM receipts
            WHERE workspace = $1 AND state = 'rejected'";

    // Held to the end of the transaction: writers of one lane follow one another, as on SQLite.
    LOCK_LANE = "SELECT $1 AS lane",
        postgres: "SELECT pg_advisory_xact_lock($1)";

    // $1 rows. A table of so many that was never counted; SQLite is told of its tables with its schema.
    UNCOUNTED = "SELECT $1 AS name WHERE 1 = 0",
        postgres: "SELECT relname::text AS name FROM pg_stat_user_tables
        WHERE last_analyze IS NULL AND last_autoanalyze IS NULL AND n_live_tup >= $1 LIMIT 1";

    // What a commit is worth: how the engine keeps it.
    DURABILITY = "SELECT journal_mode || '/' || synchronous AS seen FROM pragma_journal_mode, pragma_synchronous",
        postgres: "SELECT current_setting('synchronous_commit') AS seen";

    // One row that says `ok`, or a row for each damage. PostgreSQL looks after its pages itself.
    DAMAGE = "SELECT quick_check AS seen FROM pragma_quick_check",
        postgres: "SELECT 'ok' AS seen";
}

/// How full text is asked for: what to read from, and the condition, in which `?` stands for the query.
pub(crate) struct FullText {
    /// `SELECT ... FROM ...`, with messages as `m`.
    pub(crate) from: &'static str,
    /// The condition.
    pub(crate) matches: &'static str,
}

/// Full text on SQLite: the words quoted, each as a beginning.
pub(crate) const FULL_TEXT_SQLITE: FullText = FullText {
    from: "SELECT m.id AS message FROM message_search s JOIN message_search_rows r ON r.n = s.rowid
        JOIN messages m ON m.id = r.message",
    matches: "message_search MATCH ?",
};

/// Full text on PostgreSQL: the words joined by `&`, each as a beginning.
pub(crate) const FULL_TEXT_POSTGRES: FullText = FullText {
    from: "SELECT m.id AS message FROM messages m",
    matches: "m.search @@ to_tsquery('simple', ?)",
};
