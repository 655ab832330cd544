"""Objects, fields and folders, with the indexes of fields."""
