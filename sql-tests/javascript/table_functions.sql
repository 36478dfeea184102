-- title: Table functions: LATERAL TABLE, LEFT JOIN, conditions, alone, on updating input, NULL arguments
-- features: CREATE FUNCTION, LATERAL TABLE
-- compare: final

CREATE FUNCTION words AS '${dir}/data/functions/rows.js#words' LANGUAGE JAVASCRIPT;
CREATE FUNCTION numbers AS '${dir}/data/functions/rows.js#numbers' LANGUAGE JAVASCRIPT;
CREATE FUNCTION parts AS '${dir}/data/functions/rows.js#parts' LANGUAGE JAVASCRIPT;
CREATE VIEW lines AS SELECT * FROM (VALUES (1, 'a bc'), (2, CAST(NULL AS STRING)), (3, 'def')) AS t(id, line);
SELECT id, w, n FROM lines, LATERAL TABLE(words(line, ' ')) AS t(w, n);
SELECT id, word, length FROM lines CROSS JOIN LATERAL TABLE(WORDS(line, ' '));
SELECT id, word FROM lines LEFT JOIN LATERAL TABLE(words(line, ' ')) AS t ON TRUE;
SELECT id, w FROM lines LEFT JOIN LATERAL TABLE(words(line, ' ')) AS t(w, n) ON n > 1;
SELECT id, w FROM lines JOIN LATERAL TABLE(words(line, ' ')) AS t(w, n) ON n > 1;
SELECT * FROM TABLE(numbers(3));
SELECT x FROM TABLE(numbers(CAST(2 AS BIGINT))) AS t(x);
SELECT id, x FROM lines, LATERAL TABLE(numbers(id)) AS t(x) WHERE x > 1;
SELECT id, kind, `value` FROM lines, LATERAL TABLE(parts(line)) AS p;
SELECT n, COUNT(*) AS c FROM (SELECT CHAR_LENGTH(line) AS len, COUNT(*) AS c FROM lines WHERE line IS NOT NULL GROUP BY CHAR_LENGTH(line)), LATERAL TABLE(numbers(len)) AS t(n) GROUP BY n;
SELECT id, w, m FROM lines, LATERAL TABLE(words(line, ' ')) AS t(w, n), LATERAL TABLE(numbers(n)) AS u(m);
