-- The records that notes are related to, besides the contact that a note is kept with. The contact of a note that is
-- related to none is the empty blob.
CREATE TABLE note_relations (
    loc        INTEGER NOT NULL,
    record_id  BLOB NOT NULL,
    note_id    BLOB NOT NULL,
    object_key TEXT NOT NULL,
    PRIMARY KEY (loc, record_id, note_id)
) STRICT, WITHOUT ROWID;
-- The records of a note.
CREATE UNIQUE INDEX note_relations_note ON note_relations (loc, note_id, record_id);
-- The notes of a location in the order in which searches show them.
CREATE UNIQUE INDEX notes_id ON notes (loc, id);
-- Title and body, folded; NULL where a server of before has written them.
ALTER TABLE notes ADD COLUMN search_text TEXT;
