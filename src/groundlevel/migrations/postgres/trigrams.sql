-- A search reads the whole pending list: 128 kB of it cost 0.3 ms, the default 4 MB ten times as much.
-- Run once the extensions can be had; text search is correct without it, and slower.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE INDEX IF NOT EXISTS record_search_trigrams ON record_search USING gin (obj, search_text gin_trgm_ops)
    WITH (gin_pending_list_limit = 128);
