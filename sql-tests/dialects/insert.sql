CREATE TABLE target (id INT, name STRING) WITH ('connector' = 'print');
SET 'table.sql-dialect' = 'postgresql';
INSERT INTO target (id, name) SELECT x."Id"::int, x.name || ';' FROM (SELECT 1.5 AS "Id", 'it''s' AS name) AS x;
EXECUTE STATEMENT SET BEGIN
INSERT INTO target SELECT 2, 'two';
INSERT INTO target SELECT 3, 'three; end';
END;
