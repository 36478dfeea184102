-- title: ENCODE and DECODE in the character sets of East Asia and of Windows
-- features: functions
-- compare: final

SELECT ENCODE('你a', 'GBK') a, ENCODE('日本', 'Shift_JIS') b, ENCODE('한', 'EUC-KR') c, ENCODE('é€', 'windows-1252') d, ENCODE('你', 'gb2312') e, ENCODE('Ж', 'KOI8-R') f, ENCODE('é€', 'ISO-8859-15') g, ENCODE('한a', 'GBK') h, ENCODE('a', 'cp1252') i, ENCODE('①', 'MS932') j, ENCODE('©', 'windows-31j') k;
SELECT DECODE(x'c4e361', 'GBK') a, DECODE(x'93fa', 'SJIS') b, DECODE(x'c7d1', 'EUC-KR') c, DECODE(x'e980', 'windows-1252') d, DECODE(x'81', 'GBK') e, DECODE(x'8141ff', 'windows-31j') f, DECODE(x'a981', 'windows-1253') g, DECODE(x'd0f0', 'ISO-8859-9') h, DECODE(x'f3a0', 'IBM866') i;
SELECT ENCODE('a', 'nope');
