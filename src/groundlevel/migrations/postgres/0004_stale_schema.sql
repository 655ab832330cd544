-- What a statement calls that was made for an older schema of its object: it fails with an SQLSTATE of its own.
CREATE FUNCTION raise_stale_schema() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the object has another schema by now' USING ERRCODE = 'GL001';
END
$$;
