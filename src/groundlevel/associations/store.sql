-- Statements of associations, written alike for every engine.

-- name: list_associations  reads
SELECT a.assoc, a.id, a.key, a.first_obj, f.key, a.first_label, a.second_obj, s.key, a.second_label, a.cardinality,
       a.first_limit, a.second_limit, a.standard, a.created_at, a.updated_at
FROM associations a
JOIN objects f ON f.loc = $1 AND f.obj = a.first_obj
JOIN objects s ON s.loc = $1 AND s.obj = a.second_obj
WHERE a.loc = $1 ORDER BY a.standard DESC, a.assoc;

-- name: insert_association  writes
INSERT INTO associations (loc, id, key, first_obj, first_label, second_obj, second_label, cardinality,
                          first_limit, second_limit, standard, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12);

-- name: update_association  writes
UPDATE associations SET first_label = $3, second_label = $4, updated_at = $5 WHERE loc = $1 AND assoc = $2;

-- name: delete_association  writes
DELETE FROM associations WHERE loc = $1 AND assoc = $2;

-- name: insert_deleted_association  writes
INSERT INTO deleted_associations (loc, assoc, definition) VALUES ($1, $2, $3);

-- name: list_deleted_associations  reads
SELECT l.id, d.assoc FROM deleted_associations d JOIN locations l ON l.loc = d.loc ORDER BY d.assoc;

-- name: list_deleted_association_definitions  reads
SELECT definition FROM deleted_associations WHERE loc = $1 ORDER BY assoc;

-- name: lock_deleted_association  writes
-- Counting the slices holds the row, so that two processes do not remove the same relations.
UPDATE deleted_associations SET slices = slices + 1 WHERE loc = $1 AND assoc = $2 RETURNING definition;

-- name: forget_deleted_association  writes
DELETE FROM deleted_associations WHERE loc = $1 AND assoc = $2;

-- name: locations_with_association  reads
-- For company tokens, which name no location: docs/contract.md#sdk-requirement-8.
SELECT l.id FROM associations a JOIN locations l ON l.loc = a.loc WHERE l.company_id = $1 AND a.id = $2 ORDER BY l.loc;
