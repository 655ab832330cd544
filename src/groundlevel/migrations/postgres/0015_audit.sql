-- Every change, numbered in each location. `detail` is what was different, as JSON; empty where the operation says it all.
CREATE TABLE audit (
    loc        integer NOT NULL,
    seq        bigint NOT NULL,
    at         bigint NOT NULL,
    operation  text NOT NULL,
    kind       text NOT NULL,
    subject    text NOT NULL,
    object_key text NOT NULL,
    version    integer NOT NULL,
    actor_kind text NOT NULL,
    actor      text NOT NULL,
    source     text NOT NULL,
    trace_id   text NOT NULL,
    detail     text NOT NULL,
    PRIMARY KEY (loc, seq)
);
CREATE INDEX audit_subject ON audit (loc, subject, seq);
CREATE INDEX audit_deleted ON audit (loc, seq) WHERE operation = 'delete' AND kind = 'record';
