-- Statements of the log of changes on PostgreSQL. $1 is the location.

-- name: list_changes  reads
-- Up to $3 changes after number $2, in order.
SELECT seq, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE loc = $1 AND seq > $2 ORDER BY seq LIMIT $3;

-- name: list_newest_changes  reads
-- Up to $3 changes before number $2, the newest first; of a kind $4, an object $5, an actor $6, or any where that is
-- empty; from the time $7 to the time $8.
SELECT seq, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE loc = $1 AND seq < $2 AND $4 IN ('', kind) AND $5 IN ('', object_key) AND $6 IN ('', actor)
    AND at >= $7 AND at <= $8
ORDER BY seq DESC LIMIT $3;

-- name: list_record_changes  reads
-- Up to $5 changes of records of the object $2 after number $3 and before number $4, the newest first.
SELECT seq, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE loc = $1 AND seq > $3 AND seq < $4 AND kind = 'record' AND object_key = $2
ORDER BY seq DESC LIMIT $5;

-- name: find_first_change  reads
-- The first change of the thing $2 after number $3.
SELECT seq, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE loc = $1 AND subject = $2 AND seq > $3 ORDER BY seq LIMIT 1;

-- name: list_history  reads
-- Up to $4 changes of the thing $2 before number $3, the newest first.
SELECT seq, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE loc = $1 AND subject = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4;

-- name: list_later_changes  reads
-- All changes of the things $2 after number $3, the newest first.
SELECT seq, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE loc = $1 AND subject = ANY($2::text[]) AND seq > $3 ORDER BY seq DESC;

-- name: find_change_bounds  reads
SELECT (SELECT seq FROM audit WHERE loc = $1 ORDER BY seq LIMIT 1),
       (SELECT seq FROM audit WHERE loc = $1 ORDER BY seq DESC LIMIT 1);

-- name: list_deleted_records  reads
-- Up to $3 deletions before number $2 of records of an object $4, or of any where that is empty, that happened at $5 or
-- later, and after which nothing has become of the record. The newest first.
SELECT a.seq, a.at, a.operation, a.kind, a.subject, a.object_key, a.version, a.actor_kind, a.actor, a.source, a.trace_id,
       a.detail
FROM audit a
WHERE a.loc = $1 AND a.operation = 'delete' AND a.kind = 'record' AND a.seq < $2 AND $4 IN ('', a.object_key)
    AND a.at >= $5
    AND NOT EXISTS (SELECT 1 FROM audit b WHERE b.loc = $1 AND b.subject = a.subject AND b.seq > a.seq)
ORDER BY a.seq DESC LIMIT $3;

-- name: lock_returning  reads
-- Of all who bring back what was deleted in a location, one at a time.
SELECT pg_advisory_xact_lock(1198673010, $1);

-- name: find_next_audited  reads
-- The first location after $1 of which there are changes.
SELECT loc FROM audit WHERE loc > $1 ORDER BY loc LIMIT 1;

-- name: prune_changes  writes
-- Of the oldest $4 changes those before the time $2, and those up to number $3; but never the last one, which says how
-- the next is numbered.
DELETE FROM audit WHERE loc = $1 AND seq IN (
    SELECT o.seq FROM (SELECT seq, at FROM audit WHERE loc = $1 ORDER BY seq LIMIT $4) AS o WHERE o.at < $2 OR o.seq <= $3
) AND seq < (SELECT max(seq) FROM audit WHERE loc = $1)
RETURNING seq;

-- name: delete_changes_of_location  writes
DELETE FROM audit WHERE loc = $1;
