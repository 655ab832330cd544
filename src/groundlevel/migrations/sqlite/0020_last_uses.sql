-- When a private integration token was used last, to the minute; NULL for one that never was.
ALTER TABLE tokens ADD COLUMN last_used_at INTEGER;
