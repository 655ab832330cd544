-- Statements of records and of the outbox on SQLite. `$1` is the object's number unless said otherwise; rows live in
-- rid ranges of 2^36 per object.

-- name: bump_cache_version  writes
UPDATE state SET value = value + 1 WHERE name = 'catalog' RETURNING value;

-- name: cache_version  reads
SELECT value FROM state WHERE name = 'catalog';

-- name: probe_writing  writes
UPDATE state SET value = value WHERE name = 'catalog';

-- name: insert_record  writes
-- $1 lowest rid of the object, $2 one beyond its highest, $3 location, $4 schema version
INSERT INTO records (rid, obj, id, created_at, updated_at, version, owners, followers, created_by, properties)
SELECT max(coalesce((SELECT max(rid) FROM records WHERE rid >= $1 AND rid < $2), $1),
           coalesce((SELECT rid FROM highest_rids WHERE obj = $5), 0)) + 1,
       $5, $6, $7, $7, 1, $8, $9, $10, jsonb($11)
WHERE (SELECT schema_version FROM locations WHERE loc = $3) = $4
RETURNING rid;

-- name: insert_record_behind  writes
-- $1 the rid, which the transaction knows to be free
INSERT INTO records (rid, obj, id, created_at, updated_at, version, owners, followers, created_by, properties)
VALUES ($1, $2, $3, $4, $4, 1, $5, $6, $7, jsonb($8));

-- name: find_newest_record  reads
SELECT id FROM records WHERE obj = $1 ORDER BY id DESC LIMIT 1;

-- name: find_record  reads
SELECT id, created_at, updated_at, version, owners, followers, created_by, updated_by, json(properties)
FROM records WHERE obj = $1 AND id = $2;

-- name: lock_record  reads
-- The write transaction holds the record anyway; $3 is the location, whose schema version comes with it.
SELECT id, created_at, updated_at, version, owners, followers, created_by, updated_by, json(properties),
       (SELECT schema_version FROM locations WHERE loc = $3)
FROM records WHERE obj = $1 AND id = $2;

-- name: find_rid  reads
SELECT rid FROM records WHERE obj = $1 AND id = $2;

-- name: find_rids  reads
-- Of the records with the ids in the JSON array $2.
SELECT id, rid FROM records WHERE obj = $1 AND id IN (SELECT unhex(value) FROM json_each($2));

-- name: list_records_after  reads
SELECT id, created_at, updated_at, version, owners, followers, created_by, updated_by, json(properties)
FROM records WHERE obj = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: update_record  writes
UPDATE records SET updated_at = $3, version = version + 1, owners = $4, followers = $5, updated_by = $6,
                   properties = jsonb($7)
WHERE obj = $1 AND id = $2 RETURNING rid;

-- name: delete_record  writes
DELETE FROM records WHERE obj = $1 AND id = $2 RETURNING rid;

-- name: keep_highest_rid  writes
-- A rid $2 that was the highest, below $3, is given to no other record, which its own may find it in when it comes back.
INSERT INTO highest_rids (obj, rid)
SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM records WHERE rid > $2 AND rid < $3)
ON CONFLICT (obj) DO UPDATE SET rid = max(rid, excluded.rid);

-- name: forget_highest_rid  writes
DELETE FROM highest_rids WHERE obj = $1;

-- name: insert_record_again  writes
-- $1 the rid, which has to be free and to stand between those of the records before and behind: rids follow ids. $12 and
-- $13 bound those of the object.
INSERT INTO records (rid, obj, id, created_at, updated_at, version, owners, followers, created_by, updated_by, properties)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, jsonb($11)
WHERE $1 > coalesce((SELECT rid FROM records WHERE obj = $2 AND id < $3 ORDER BY id DESC LIMIT 1), $12)
    AND $1 < coalesce((SELECT rid FROM records WHERE obj = $2 AND id > $3 ORDER BY id LIMIT 1), $13)
RETURNING rid;

-- name: insert_search  writes
INSERT INTO record_search (rid, search_text) VALUES ($1, $2);

-- name: find_search  reads
SELECT search_text FROM record_search WHERE rid = $1;

-- name: upsert_search  writes
INSERT INTO record_search (rid, search_text) VALUES ($1, $2)
ON CONFLICT (rid) DO UPDATE SET search_text = excluded.search_text;

-- name: delete_search  writes
DELETE FROM record_search WHERE rid = $1;

-- name: insert_fts  writes
INSERT INTO record_fts (rowid, search_text) VALUES ($1, $2);

-- name: delete_fts  writes
DELETE FROM record_fts WHERE rowid = $1;

-- name: claim_unique  writes
INSERT INTO record_unique (field, v, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING field;

-- name: release_unique  writes
DELETE FROM record_unique WHERE field = $1 AND v = $2 AND id = $3;

-- name: find_unique  reads
SELECT id FROM record_unique WHERE field = $1 AND v = $2;

-- name: release_field  writes
DELETE FROM record_unique WHERE field = $1;

-- name: insert_count  writes
-- $2 records more, $3 writes
INSERT INTO object_counts (obj, slot, n, changes) VALUES ($1, 0, $2, $3)
ON CONFLICT (obj, slot) DO UPDATE SET n = n + excluded.n, changes = changes + excluded.changes;

-- name: count_records  reads
SELECT coalesce(sum(n), 0), coalesce(sum(changes), 0) FROM object_counts WHERE obj = $1;

-- name: delete_counts  writes
DELETE FROM object_counts WHERE obj = $1;

-- name: delete_records_of  writes
-- $1 lowest rid, $2 one beyond the highest
DELETE FROM records WHERE rid >= $1 AND rid < $2;

-- name: delete_search_of  writes
DELETE FROM record_search WHERE rid >= $1 AND rid < $2;

-- name: rids_with_search  reads
SELECT rid FROM record_search WHERE rid >= $1 AND rid < $2;

-- name: insert_value  writes
-- $1 field, $2 value, $3 rid
INSERT OR IGNORE INTO record_values (field, v, rid) VALUES ($1, $2, $3);

-- name: insert_missing  writes
INSERT OR IGNORE INTO record_missing (field, rid) VALUES ($1, $2);

-- name: delete_value  writes
DELETE FROM record_values WHERE field = $1 AND v = $2 AND rid = $3;

-- name: delete_missing  writes
DELETE FROM record_missing WHERE field = $1 AND rid = $2;

-- name: find_chunk_end  reads
-- The last of the $3 + 1 records after $2; none when there are not so many.
SELECT id FROM records WHERE obj = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3;

-- name: fill_values  writes
-- Of the records after $2 up to $3, into the index of field $4, the value at $5.
INSERT OR IGNORE INTO record_values (field, v, rid)
SELECT $4, r.properties ->> $5, r.rid FROM records r
WHERE r.obj = $1 AND r.id > $2 AND r.id <= $3 AND r.properties ->> $5 IS NOT NULL;

-- name: fill_members  writes
-- The same for a list, of which each member is a value.
INSERT OR IGNORE INTO record_values (field, v, rid)
SELECT $4, member.value, r.rid FROM records r CROSS JOIN json_each(r.properties, $5) AS member
WHERE r.obj = $1 AND r.id > $2 AND r.id <= $3;

-- name: fill_missing  writes
INSERT OR IGNORE INTO record_missing (field, rid)
SELECT $4, r.rid FROM records r
WHERE r.obj = $1 AND r.id > $2 AND r.id <= $3 AND r.properties -> $5 IS NULL;

-- name: shrink_values  writes
DELETE FROM record_values WHERE (field, v, rid) IN (SELECT field, v, rid FROM record_values WHERE field = $1 LIMIT $2);

-- name: shrink_missing  writes
DELETE FROM record_missing WHERE (field, rid) IN (SELECT field, rid FROM record_missing WHERE field = $1 LIMIT $2);

-- name: find_entry  reads
SELECT 1 FROM record_values WHERE field = $1 UNION ALL SELECT 1 FROM record_missing WHERE field = $1 LIMIT 1;

-- name: clear_values  writes
DELETE FROM record_values WHERE field = $1;

-- name: clear_missing  writes
DELETE FROM record_missing WHERE field = $1;

-- name: reserve_events  writes
-- Takes $1 numbers of events for one process; the number behind them.
UPDATE event_numbers SET next = next + $1 RETURNING next;

-- name: insert_event  writes
INSERT INTO outbox (seq, loc, app_id, webhook_id, type, subject, payload, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: find_newest_change  reads
-- $1 the location. Ids of changes begin with it, so that those of a location stand together, in their order.
SELECT id - ($1 << 36) FROM audit WHERE id > ($1 << 36) AND id < (($1 + 1) << 36) ORDER BY id DESC LIMIT 1;

-- name: insert_change  writes
INSERT INTO audit (id, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
