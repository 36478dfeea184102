-- title: HDFS with Kerberos is refused by name
-- features: unsupported

SET 'hadoop.security.authentication' = 'kerberos';
