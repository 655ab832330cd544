-- What a used grant was exchanged for, sealed with a key made of the grant's own text; NULL after the grace time.
ALTER TABLE grants ADD COLUMN answer bytea;
