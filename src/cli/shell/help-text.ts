export const WELCOME = "millrace: Flink SQL. Statements end with ;  HELP shows more, QUIT leaves.\n";

export const HELP = `
  SELECT …                      shows a result as it changes; Ctrl-C ends it
  INSERT INTO t SELECT …        starts a job in the background
  SHOW JOBS                     the jobs of this shell; DESCRIBE JOB '…', EXPLAIN JOB '…', STOP JOB '…'
  CREATE TABLE | VIEW | …       SHOW TABLES, DESCRIBE t, SHOW CREATE TABLE t
  EXPLAIN SELECT …              the plan
  SET 'key' = 'value'           SET shows what is set, RESET takes it back
      'sql-client.execution.result-mode'     tableau (changes) or table (the result as it is now)
      'sql-client.display.max-column-width'  longer texts are cut
      'table.dml-sync'                       true: INSERTs are waited for
  HELP, CLEAR, QUIT             (also EXIT, Ctrl-D)

  Statements may have several lines and end with ;  Tab completes words, tables, columns and options.
  Up and down go through former statements; Ctrl-C gives up what is typed.
`;
