-- Texts that a location keeps under a name, for programs that fill in templates.
CREATE TABLE custom_values (
    loc        integer NOT NULL,
    id         text NOT NULL,
    -- What templates call it: made from the first name, and kept when that changes.
    key        text NOT NULL,
    name       text NOT NULL,
    value      text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (loc, id),
    UNIQUE (loc, key)
);
