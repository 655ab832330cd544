-- Statements about relations on PostgreSQL. `$1` is the location's number. Sides of counts: 1 as the first record, 2 as
-- the second, 3 with itself.

-- name: hold_records
-- Two records, by object and id; in the order of their ids, so that two writers cannot wait for each other.
SELECT obj, id, (SELECT schema_version FROM locations WHERE loc = $1) FROM records
WHERE loc = $1 AND ((obj = $2 AND id = $3) OR (obj = $4 AND id = $5)) ORDER BY id FOR NO KEY UPDATE OF records;

-- name: find_pair
SELECT (SELECT id FROM relations WHERE loc = $1 AND assoc = $2 AND first_id = $3 AND second_id = $4),
       (SELECT coalesce(sum(n), 0)::integer FROM relation_counts
        WHERE loc = $1 AND record_id = $3 AND assoc = $2 AND side IN (1, 3)),
       (SELECT coalesce(sum(n), 0)::integer FROM relation_counts
        WHERE loc = $1 AND record_id = $4 AND assoc = $2 AND side IN (2, 3));

-- name: add_relation
INSERT INTO relations (loc, assoc, first_id, second_id, id) VALUES ($1, $2, $3, $4, $5);

-- name: count_relation
-- $2 association, $3 the first record, $4 the second.
INSERT INTO relation_counts (loc, record_id, assoc, side, n)
SELECT $1::integer, $3::bytea, $2::integer, CASE WHEN $3 = $4 THEN 3 ELSE 1 END, 1
UNION ALL SELECT $1, $4::bytea, $2, 2, 1 WHERE $3 <> $4
ON CONFLICT (loc, record_id, assoc, side) DO UPDATE SET n = relation_counts.n + 1;

-- name: uncount_relation
UPDATE relation_counts SET n = n - 1
WHERE loc = $1 AND assoc = $2 AND ((record_id = $3 AND side = CASE WHEN $3 = $4 THEN 3 ELSE 1 END)
    OR (record_id = $4 AND side = 2));

-- name: find_relation
SELECT assoc, id, first_id, second_id FROM relations WHERE loc = $1 AND id = $2;

-- name: delete_relation
DELETE FROM relations WHERE loc = $1 AND assoc = $2 AND first_id = $3 AND second_id = $4 RETURNING assoc;

-- name: list_relation_counts
SELECT assoc, sum(n) FROM relation_counts WHERE loc = $1 AND record_id = $2 AND n > 0 GROUP BY assoc ORDER BY assoc;

-- name: relation_rows
-- Of one record: $3 associations, $4 how many to leave out of each, $5 how many to take, as arrays. With a limit of its
-- own each side is read in the order of its index; an equation instead of BETWEEN would let the order by id alone do.
SELECT x.* FROM unnest($3::integer[], $4::integer[], $5::integer[]) AS w (assoc, skipped, taken)
CROSS JOIN LATERAL (
    (SELECT assoc, id, first_id, second_id FROM relations
     WHERE loc = $1 AND first_id = $2 AND assoc BETWEEN w.assoc AND w.assoc
     ORDER BY assoc, id LIMIT w.skipped + w.taken)
    UNION ALL
    (SELECT assoc, id, first_id, second_id FROM relations
     WHERE loc = $1 AND second_id = $2 AND assoc BETWEEN w.assoc AND w.assoc AND first_id <> $2
     ORDER BY assoc, id LIMIT w.skipped + w.taken)
    ORDER BY assoc, id OFFSET w.skipped LIMIT w.taken
) AS x ORDER BY x.assoc, x.id;

-- name: relations_by
SELECT assoc, id, first_id, second_id FROM relations WHERE loc = $1 AND assoc = $2;

-- name: uncount_others_first
-- Those that the record is the second one of.
UPDATE relation_counts c SET n = c.n - 1 FROM relations r
WHERE r.loc = $1 AND r.second_id = $2 AND r.first_id <> $2
  AND c.loc = $1 AND c.record_id = r.first_id AND c.assoc = r.assoc AND c.side = 1;

-- name: uncount_others_second
UPDATE relation_counts c SET n = c.n - 1 FROM relations r
WHERE r.loc = $1 AND r.first_id = $2 AND r.second_id <> $2
  AND c.loc = $1 AND c.record_id = r.second_id AND c.assoc = r.assoc AND c.side = 2;

-- name: delete_relations_of
DELETE FROM relations WHERE loc = $1 AND (first_id = $2 OR second_id = $2);

-- name: delete_counts_of
DELETE FROM relation_counts WHERE loc = $1 AND record_id = $2;

-- name: delete_relations_by
DELETE FROM relations WHERE loc = $1 AND assoc = $2;

-- name: delete_counts_by
DELETE FROM relation_counts WHERE loc = $1 AND assoc = $2;

-- name: lost_relations
SELECT count(*), count(*) FILTER (WHERE f.id IS NULL OR s.id IS NULL)
FROM relations r JOIN associations a ON a.loc = $1 AND a.assoc = r.assoc
LEFT JOIN records f ON f.loc = $1 AND f.obj = a.first_obj AND f.id = r.first_id
LEFT JOIN records s ON s.loc = $1 AND s.obj = a.second_obj AND s.id = r.second_id
WHERE r.loc = $1;

-- name: miscounted_relations
SELECT count(*) FROM (
    SELECT record_id, assoc, side FROM (
        SELECT first_id AS record_id, assoc, CASE WHEN first_id = second_id THEN 3 ELSE 1 END AS side, 1 AS n
        FROM relations WHERE loc = $1
        UNION ALL
        SELECT second_id, assoc, 2, 1 FROM relations WHERE loc = $1 AND first_id <> second_id
        UNION ALL
        SELECT record_id, assoc, side, -n FROM relation_counts WHERE loc = $1
    ) AS each GROUP BY record_id, assoc, side HAVING sum(n) <> 0
) AS wrong;
