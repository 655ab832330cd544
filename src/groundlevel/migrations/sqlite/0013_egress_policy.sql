-- To which networks webhooks may be sent besides public addresses, for every process on the database: a JSON array.
CREATE TABLE egress_policy (
    one integer PRIMARY KEY CHECK (one = 1),
    networks text NOT NULL
) STRICT;
