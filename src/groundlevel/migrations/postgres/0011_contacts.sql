-- The tags of a location: those that its contacts have had, and those that were made for them.
CREATE TABLE tags (
    loc  integer NOT NULL,
    id   text NOT NULL,
    name text COLLATE "C" NOT NULL,
    PRIMARY KEY (loc, id),
    UNIQUE (loc, name)
);

-- To which campaigns and workflows contacts belong; nothing acts on it.
CREATE TABLE memberships (
    loc        integer NOT NULL,
    contact_id text NOT NULL,
    kind       text NOT NULL,
    target_id  text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (loc, contact_id, kind, target_id)
);

-- Tags are kept in lower case, without blanks around them, each once.
UPDATE records r
SET properties = jsonb_set(r.properties, '{tags}', (
    SELECT coalesce(jsonb_agg(tag ORDER BY place), '[]') FROM (
        SELECT lower(btrim(value)) AS tag, min(place) AS place
        FROM jsonb_array_elements_text(r.properties -> 'tags') WITH ORDINALITY AS t (value, place)
        WHERE btrim(value) <> '' GROUP BY 1
    ) AS folded
))
FROM objects o
WHERE o.loc = r.loc AND o.obj = r.obj AND o.key = 'contact' AND EXISTS (
    SELECT 1 FROM jsonb_array_elements_text(r.properties -> 'tags') AS t (value) WHERE value <> lower(btrim(value))
);
INSERT INTO tags (loc, id, name)
SELECT loc, substr(md5(random()::text || tag), 1, 20), tag FROM (
    SELECT DISTINCT o.loc, t.value AS tag
    FROM objects o JOIN records r ON r.loc = o.loc AND r.obj = o.obj,
         jsonb_array_elements_text(r.properties -> 'tags') AS t (value)
    WHERE o.key = 'contact'
) AS used;

-- So are e-mail addresses, in lower case.
UPDATE records r
SET properties = r.properties || e.emails
FROM (
    SELECT f.loc, f.obj, s.id, jsonb_object_agg(f.key, lower(s.properties ->> f.key)) AS emails
    FROM fields f JOIN records s ON s.loc = f.loc AND s.obj = f.obj
    WHERE f.definition::jsonb ->> 'data_type' = 'EMAIL'
      AND s.properties ->> f.key <> lower(s.properties ->> f.key)
    GROUP BY f.loc, f.obj, s.id
) AS e
WHERE r.loc = e.loc AND r.obj = e.obj AND r.id = e.id;

-- The same of what the indexes of these fields hold.
INSERT INTO record_values (loc, field, id, n, t, cut)
SELECT v.loc, v.field, v.id, v.n, lower(btrim(v.t)), v.cut
FROM record_values v JOIN fields f ON f.loc = v.loc AND f.field = v.field
WHERE v.t <> lower(btrim(v.t)) AND (f.definition::jsonb ->> 'data_type' = 'EMAIL'
   OR (f.key = 'tags' AND f.obj IN (SELECT o.obj FROM objects o WHERE o.loc = f.loc AND o.key = 'contact')))
ON CONFLICT DO NOTHING;
DELETE FROM record_values v USING fields f
WHERE f.loc = v.loc AND f.field = v.field AND v.t <> lower(btrim(v.t))
  AND (f.definition::jsonb ->> 'data_type' = 'EMAIL'
   OR (f.key = 'tags' AND f.obj IN (SELECT o.obj FROM objects o WHERE o.loc = f.loc AND o.key = 'contact')));

-- More letters are folded for search than before: the background makes the texts again that have one of them.
UPDATE objects o SET refill_after = '', reindexed = 0
WHERE o.refill_after IS NULL AND EXISTS (
    SELECT 1 FROM record_search s WHERE s.loc = o.loc AND s.obj = o.obj AND s.search_text ~ '[łđøæœþħıðŧ]'
);
