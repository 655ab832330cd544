-- What people choose in the console, so that they find it in any browser: columns and views of an object in a location.
-- `owner` is the operator's id, empty for whoever came by a link; `value` is JSON that the page alone understands.
CREATE TABLE console_choices (
    owner       TEXT NOT NULL,
    location_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    PRIMARY KEY (owner, location_id, name)
);

-- What was sent of one record, and whether anything of a location was given up.
CREATE INDEX deliveries_record ON deliveries (loc, subject, seq);
CREATE INDEX deliveries_dead ON deliveries (loc) WHERE state = 'dead';
