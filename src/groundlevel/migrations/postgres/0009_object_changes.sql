-- How often an object's records were written, so that totals are kept until the next write.
ALTER TABLE object_counts ADD COLUMN changes bigint NOT NULL DEFAULT 0;
