-- Statements of records and of the outbox on PostgreSQL. `$1` is the location's number, `$2` the object's, unless said
-- otherwise: every statement carries loc, so that it touches one partition.

-- name: insert_records  writes
-- One row or thousands: arrays. $3 is the schema version the rows were made for; none are added if it is old. Of owners
-- and of followers there may be fewer than rows, and of $8 one for all.
-- $11 is the counter slot, so that writers do not queue on one row. No caller reads the result: where the schema is
-- another, the statement fails with the SQLSTATE GL001.
WITH fresh AS (SELECT 1 FROM locations WHERE loc = $1 AND schema_version = $3),
rows AS (
    SELECT t.id, t.created_at, t.owners, t.followers, coalesce(t.created_by, ($8::text[])[1]) AS created_by,
           t.properties, t.search_text
    FROM unnest($4::bytea[], $5::bigint[], $6::jsonb[], $7::jsonb[], $8::text[], $9::jsonb[], $10::text[])
        AS t (id, created_at, owners, followers, created_by, properties, search_text)
),
added AS (
    INSERT INTO records (loc, obj, id, created_at, updated_at, version, owners, followers, created_by, properties)
    SELECT $1, $2, t.id, t.created_at, t.created_at, 1, t.owners, t.followers, t.created_by, t.properties
    FROM rows t, fresh RETURNING 1
),
searched AS (
    INSERT INTO record_search (loc, obj, id, search_text)
    SELECT $1, $2, t.id, t.search_text FROM rows t, fresh WHERE t.search_text <> ''
),
counted AS (
    INSERT INTO object_counts (loc, obj, slot, n, changes)
    SELECT $1, $2, $11, count(*), 1 FROM rows, fresh HAVING count(*) > 0
    ON CONFLICT (loc, obj, slot) DO UPDATE SET n = object_counts.n + excluded.n, changes = object_counts.changes + 1
)
SELECT CASE WHEN count(*) <> cardinality($4) THEN raise_stale_schema() END FROM added;

-- name: find_records  reads
-- The records with these ids, $1.
SELECT id, created_at, updated_at, version, owners, followers, created_by, updated_by, properties
FROM records WHERE loc = $2 AND obj = $3 AND id = ANY ($1::bytea[]);

-- name: lock_record  reads
SELECT id, created_at, updated_at, version, owners, followers, created_by, updated_by, properties,
       (SELECT schema_version FROM locations WHERE loc = $1)
FROM records WHERE loc = $1 AND obj = $2 AND id = $3 FOR UPDATE OF records;

-- name: list_records_after  reads
SELECT id, created_at, updated_at, version, owners, followers, created_by, updated_by, properties
FROM records WHERE loc = $1 AND obj = $2 AND id > $3 ORDER BY id LIMIT $4;

-- name: update_record  writes
-- $10 is whether the search text changed, $9 the new one (NULL for none).
WITH changed AS (
    UPDATE records SET updated_at = $4, version = version + 1, owners = $5::jsonb, followers = $6::jsonb,
                       updated_by = $7, properties = $8::jsonb
    WHERE loc = $1 AND obj = $2 AND id = $3 RETURNING 1
),
put AS (
    INSERT INTO record_search (loc, obj, id, search_text)
    SELECT $1, $2, $3, $9::text WHERE $10::boolean AND $9::text IS NOT NULL
    ON CONFLICT (loc, obj, id) DO UPDATE SET search_text = excluded.search_text
),
gone AS (
    DELETE FROM record_search WHERE loc = $1 AND obj = $2 AND id = $3 AND $10::boolean AND $9::text IS NULL
)
SELECT count(*) FROM changed;

-- name: upsert_search  writes
INSERT INTO record_search (loc, obj, id, search_text) VALUES ($1, $2, $3, $4)
ON CONFLICT (loc, obj, id) DO UPDATE SET search_text = excluded.search_text;

-- name: delete_search  writes
DELETE FROM record_search WHERE loc = $1 AND obj = $2 AND id = $3;

-- name: delete_record  writes
WITH gone AS (DELETE FROM records WHERE loc = $1 AND obj = $2 AND id = $3 RETURNING 1),
searched AS (DELETE FROM record_search WHERE loc = $1 AND obj = $2 AND id = $3),
counted AS (
    INSERT INTO object_counts (loc, obj, slot, n, changes) SELECT $1, $2, $4, -count(*), 1 FROM gone HAVING count(*) > 0
    ON CONFLICT (loc, obj, slot) DO UPDATE SET n = object_counts.n + excluded.n, changes = object_counts.changes + 1
)
SELECT count(*) FROM gone;

-- name: claim_unique  writes overtakes
-- $2 field numbers, $3 values, $4 record ids, as arrays.
INSERT INTO record_unique (loc, field, v, id)
SELECT $1, t.field, t.v, t.id FROM unnest($2::integer[], $3::text[], $4::bytea[]) AS t (field, v, id)
ON CONFLICT DO NOTHING RETURNING field, v, id;

-- name: release_unique  writes
-- $2 field, $3 value, $4 record id
DELETE FROM record_unique WHERE loc = $1 AND field = $2 AND v = $3 AND id = $4;

-- name: find_unique  reads
SELECT id FROM record_unique WHERE loc = $1 AND field = $2 AND v = $3;

-- name: release_field  writes
DELETE FROM record_unique WHERE loc = $1 AND field = $2;

-- name: count_records  reads
SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(changes), 0)::bigint FROM object_counts WHERE loc = $1 AND obj = $2;

-- name: note_changes  writes
-- $2 the objects of which records were updated, $3 the slot.
INSERT INTO object_counts (loc, obj, slot, n, changes) SELECT $1, t.obj, $3, 0, 1 FROM unnest($2::integer[]) AS t (obj)
ON CONFLICT (loc, obj, slot) DO UPDATE SET changes = object_counts.changes + 1;

-- name: delete_counts  writes
DELETE FROM object_counts WHERE loc = $1 AND obj = $2;

-- name: delete_records_of  writes
DELETE FROM records WHERE loc = $1 AND obj = $2;

-- name: delete_search_of  writes
DELETE FROM record_search WHERE loc = $1 AND obj = $2;

-- name: insert_values  writes
-- $2 fields, $3 record ids, $4 numbers, $5 texts, $6 whether cut, as arrays.
INSERT INTO record_values (loc, field, id, n, t, cut)
SELECT $1, t.* FROM unnest($2::integer[], $3::bytea[], $4::float8[], $5::text[], $6::boolean[]) AS t (field, id, n, t, cut)
ON CONFLICT DO NOTHING;

-- name: find_chunk_end  reads
-- The last of the $4 + 1 records after $3; none when there are not so many.
SELECT id FROM records WHERE loc = $1 AND obj = $2 AND id > $3 ORDER BY id LIMIT 1 OFFSET $4;

-- name: fill_numbers  writes
-- Of the records after $3 up to $4, into the index of field $5, the value at $6. $7 plays no part.
INSERT INTO record_values (loc, field, id, n, t, cut)
SELECT $1, $5::integer, r.id, (r.properties #>> $6::text[])::float8, NULL, $7::integer < 0
FROM records r WHERE r.loc = $1 AND r.obj = $2 AND r.id > $3 AND r.id <= $4 ON CONFLICT DO NOTHING;

-- name: fill_texts  writes
-- $7 how many characters of a text are kept.
INSERT INTO record_values (loc, field, id, n, t, cut)
SELECT $1, $5::integer, v.id, NULL, left(v.t, $7::integer), coalesce(length(v.t) > $7::integer, false)
FROM (SELECT r.id, r.properties #>> $6::text[] AS t FROM records r
      WHERE r.loc = $1 AND r.obj = $2 AND r.id > $3 AND r.id <= $4) AS v ON CONFLICT DO NOTHING;

-- name: fill_members  writes
-- The same for a list, of which each member is a value.
INSERT INTO record_values (loc, field, id, n, t, cut)
SELECT $1, $5::integer, r.id, NULL, left(member.t, $7::integer), coalesce(length(member.t) > $7::integer, false)
FROM records r LEFT JOIN LATERAL jsonb_array_elements_text(r.properties #> $6::text[]) AS member (t) ON true
WHERE r.loc = $1 AND r.obj = $2 AND r.id > $3 AND r.id <= $4 ON CONFLICT DO NOTHING;

-- name: delete_values  writes
-- The three kinds of values apart, so that each is found by its index.
WITH gone AS (
    SELECT * FROM unnest($2::integer[], $3::bytea[], $4::float8[], $5::text[]) AS g (field, id, n, t)
),
numbers AS (
    DELETE FROM record_values v USING gone g
    WHERE v.loc = $1 AND v.field = g.field AND v.n = g.n AND v.id = g.id
),
texts AS (
    DELETE FROM record_values v USING gone g
    WHERE v.loc = $1 AND v.field = g.field AND v.t = g.t COLLATE "C" AND v.id = g.id
)
DELETE FROM record_values v USING gone g
WHERE v.loc = $1 AND v.field = g.field AND v.id = g.id AND v.n IS NULL AND v.t IS NULL AND g.n IS NULL AND g.t IS NULL;

-- name: shrink_values  writes
DELETE FROM record_values WHERE loc = $1 AND field = $2
AND ctid = ANY (ARRAY(SELECT ctid FROM record_values WHERE loc = $1 AND field = $2 LIMIT $3));

-- name: find_entry  reads
SELECT 1 FROM record_values WHERE loc = $1 AND field = $2 LIMIT 1;

-- name: clear_values  writes
DELETE FROM record_values WHERE loc = $1 AND field = $2;

-- name: insert_event  writes
INSERT INTO outbox (loc, app_id, webhook_id, type, subject, payload, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: insert_events  writes
-- Apps, webhooks, types, subjects, payloads and timestamps as arrays, numbered in their order.
INSERT INTO outbox (loc, app_id, webhook_id, type, subject, payload, created_at)
SELECT $1, t.app_id, t.webhook_id, t.type, t.subject, t.payload, t.created_at
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[]) WITH ORDINALITY
    AS t (app_id, webhook_id, type, subject, payload, created_at, n) ORDER BY t.n;

-- name: put_version  writes
-- Of a record that has just been inserted again.
UPDATE records SET version = $4, updated_at = $5, updated_by = $6 WHERE loc = $1 AND obj = $2 AND id = $3;

-- name: lock_changes  reads
-- Until the transaction ends, nobody else logs changes of the location, so that their order is that of the commits.
SELECT pg_advisory_xact_lock(1198672993, $1);

-- name: insert_changes  writes
-- Numbered on from the location's last one, which no other transaction can follow meanwhile: see lock_changes. There
-- is a time for each change; of every other column one value for each, or one for all.
INSERT INTO audit (
    loc, seq, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail
)
SELECT $1, coalesce((SELECT a.seq FROM audit a WHERE a.loc = $1 ORDER BY a.seq DESC LIMIT 1), 0) + t.n,
       t.at, coalesce(t.operation, ($3::text[])[1]), coalesce(t.kind, ($4::text[])[1]),
       coalesce(t.subject, ($5::text[])[1]), coalesce(t.object_key, ($6::text[])[1]),
       coalesce(t.version, ($7::integer[])[1]), coalesce(t.actor_kind, ($8::text[])[1]),
       coalesce(t.actor, ($9::text[])[1]), coalesce(t.source, ($10::text[])[1]), coalesce(t.trace_id, ($11::text[])[1]),
       coalesce(t.detail, ($12::text[])[1])
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::text[], $9::text[],
            $10::text[], $11::text[], $12::text[])
    WITH ORDINALITY
    AS t (at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail, n);
