-- Statements of the log of changes on SQLite. $1 is the location; ids begin with it, 36 bits in front of the number.

-- name: list_changes  reads
-- Up to $3 changes after number $2, in order.
SELECT id - ($1 << 36), at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE id > ($1 << 36) + $2 AND id < (($1 + 1) << 36) ORDER BY id LIMIT $3;

-- name: list_newest_changes  reads
-- Up to $3 changes before number $2, the newest first; of a kind $4, an object $5, an actor $6, or any where that is
-- empty; from the time $7 to the time $8.
SELECT id - ($1 << 36), at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE id > ($1 << 36) AND id < ($1 << 36) + $2 AND $4 IN ('', kind) AND $5 IN ('', object_key)
    AND $6 IN ('', actor) AND at >= $7 AND at <= $8
ORDER BY id DESC LIMIT $3;

-- name: list_record_changes  reads
-- Up to $5 changes of records of the object $2 after number $3 and before number $4, the newest first.
SELECT id - ($1 << 36), at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE id > ($1 << 36) + $3 AND id < ($1 << 36) + $4 AND kind = 'record' AND object_key = $2
ORDER BY id DESC LIMIT $5;

-- name: find_first_change  reads
-- The first change of the thing $2 after number $3.
SELECT id - ($1 << 36), at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE subject = $2 AND id > ($1 << 36) + $3 AND id < (($1 + 1) << 36) ORDER BY id LIMIT 1;

-- name: list_history  reads
-- Up to $4 changes of the thing $2 before number $3, the newest first.
SELECT id - ($1 << 36), at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE subject = $2 AND id > ($1 << 36) AND id < ($1 << 36) + $3 ORDER BY id DESC LIMIT $4;

-- name: list_later_changes  reads
-- All changes of the thing $2 after number $3, the newest first.
SELECT id - ($1 << 36), at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
FROM audit WHERE subject = $2 AND id > ($1 << 36) + $3 AND id < (($1 + 1) << 36) ORDER BY id DESC;

-- name: find_change_bounds  reads
SELECT (SELECT id - ($1 << 36) FROM audit WHERE id > ($1 << 36) AND id < (($1 + 1) << 36) ORDER BY id LIMIT 1),
       (SELECT id - ($1 << 36) FROM audit WHERE id > ($1 << 36) AND id < (($1 + 1) << 36) ORDER BY id DESC LIMIT 1);

-- name: list_deleted_records  reads
-- Up to $3 deletions before number $2 of records of an object $4, or of any where that is empty, that happened at $5 or
-- later, and after which nothing has become of the record. The newest first.
SELECT a.id - ($1 << 36), a.at, a.operation, a.kind, a.subject, a.object_key, a.version, a.actor_kind, a.actor, a.source,
       a.trace_id, a.detail
FROM audit a INDEXED BY audit_deleted
WHERE a.operation = 'delete' AND a.kind = 'record' AND a.id > ($1 << 36) AND a.id < ($1 << 36) + $2
    AND $4 IN ('', a.object_key) AND a.at >= $5
    AND NOT EXISTS (SELECT 1 FROM audit b WHERE b.subject = a.subject AND b.id > a.id AND b.id < (($1 + 1) << 36))
ORDER BY a.id DESC LIMIT $3;

-- name: lock_returning  reads
-- Whoever writes is alone anyway.
SELECT $1;

-- name: find_next_audited  reads
-- The first location after $1 of which there are changes.
SELECT id >> 36 FROM audit WHERE id >= (($1 + 1) << 36) ORDER BY id LIMIT 1;

-- name: prune_changes  writes
-- Of the oldest $4 changes those before the time $2, and those up to number $3; but never the last one, which says how
-- the next is numbered.
DELETE FROM audit WHERE id IN (
    SELECT id FROM (
        SELECT id, at FROM audit WHERE id > ($1 << 36) AND id < (($1 + 1) << 36) ORDER BY id LIMIT $4
    ) WHERE at < $2 OR id <= ($1 << 36) + $3
) AND id < (SELECT max(id) FROM audit WHERE id > ($1 << 36) AND id < (($1 + 1) << 36))
RETURNING id;

-- name: delete_changes_of_location  writes
DELETE FROM audit WHERE id > ($1 << 36) AND id < (($1 + 1) << 36);
