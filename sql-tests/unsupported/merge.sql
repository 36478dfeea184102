-- title: MERGE is refused by name
-- features: unsupported

MERGE INTO a USING b ON a.k = b.k WHEN MATCHED THEN DELETE;
