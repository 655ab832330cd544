-- What a used grant was exchanged for, sealed with a key made of the grant's own text; NULL after the grace time.
ALTER TABLE grants ADD COLUMN answer BLOB;

-- Codes, printed by a command, that let whoever enters one on the consent page decide once; by their SHA-256.
CREATE TABLE consent_tickets (
    hash       BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
