-- title: CREATE MODEL is refused by name
-- features: unsupported

CREATE MODEL m INPUT (a STRING) OUTPUT (b STRING) WITH ('provider' = 'openai');
