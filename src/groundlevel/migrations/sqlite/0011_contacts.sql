-- The tags of a location: those that its contacts have had, and those that were made for them.
CREATE TABLE tags (
    loc  INTEGER NOT NULL,
    id   TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (loc, id),
    UNIQUE (loc, name)
) STRICT, WITHOUT ROWID;

-- To which campaigns and workflows contacts belong; nothing acts on it.
CREATE TABLE memberships (
    loc        INTEGER NOT NULL,
    contact_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    target_id  TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (loc, contact_id, kind, target_id)
) STRICT, WITHOUT ROWID;

-- Tags are kept in lower case, without blanks around them, each once.
UPDATE records
SET properties = jsonb_set(properties, '$.tags', (
    SELECT jsonb_group_array(tag) FROM (
        SELECT lower(trim(value)) AS tag FROM json_each(records.properties, '$.tags')
        WHERE trim(value) <> '' GROUP BY tag ORDER BY min(key)
    )
))
WHERE obj IN (SELECT obj FROM objects WHERE key = 'contact') AND EXISTS (
    SELECT 1 FROM json_each(records.properties, '$.tags') WHERE value <> lower(trim(value))
);
INSERT INTO tags (loc, id, name)
SELECT loc, substr(hex(randomblob(10)), 1, 20), tag FROM (
    SELECT DISTINCT o.loc AS loc, t.value AS tag
    FROM objects o JOIN records r ON r.obj = o.obj, json_each(r.properties, '$.tags') t
    WHERE o.key = 'contact'
);

-- So are e-mail addresses, in lower case.
UPDATE records
SET properties = jsonb_patch(properties, (
    SELECT jsonb_group_object(f.key, lower(records.properties ->> f.key)) FROM fields f
    WHERE f.obj = records.obj AND f.definition ->> 'data_type' = 'EMAIL'
      AND records.properties ->> f.key <> lower(records.properties ->> f.key)
))
WHERE obj IN (SELECT obj FROM fields WHERE definition ->> 'data_type' = 'EMAIL') AND EXISTS (
    SELECT 1 FROM fields f
    WHERE f.obj = records.obj AND f.definition ->> 'data_type' = 'EMAIL'
      AND records.properties ->> f.key <> lower(records.properties ->> f.key)
);

-- The same of what the indexes of these fields hold.
INSERT OR IGNORE INTO record_values (field, v, rid)
SELECT v.field, lower(trim(v.v)), v.rid FROM record_values v JOIN fields f ON f.field = v.field
WHERE v.v <> lower(trim(v.v)) AND (f.definition ->> 'data_type' = 'EMAIL'
   OR (f.key = 'tags' AND f.obj IN (SELECT obj FROM objects WHERE key = 'contact')));
DELETE FROM record_values
WHERE v <> lower(trim(v)) AND field IN (
    SELECT field FROM fields WHERE definition ->> 'data_type' = 'EMAIL'
       OR (key = 'tags' AND obj IN (SELECT obj FROM objects WHERE key = 'contact'))
);

-- More letters are folded for search than before: the background makes the texts again that have one of them.
UPDATE objects SET refill_after = x'', reindexed = 0
WHERE refill_after IS NULL AND EXISTS (
    SELECT 1 FROM record_search s
    WHERE s.rid BETWEEN objects.obj << 36 AND ((objects.obj + 1) << 36) - 1 AND s.search_text GLOB '*[łđøæœþħıðŧ]*'
);
