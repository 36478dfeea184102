-- title: A number of more digits than a long has is written as text
-- features: DECIMAL, literals

SELECT 12345678901234567890.5;
