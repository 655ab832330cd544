-- One index serves both the order of events and their key, which still contains loc.
ALTER TABLE outbox DROP CONSTRAINT outbox_pkey, ADD PRIMARY KEY (seq, loc);
DROP INDEX outbox_seq;
