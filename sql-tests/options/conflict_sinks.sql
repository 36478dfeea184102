-- title: Two sinks of a statement set that disagree about the checkpoint interval
-- features: table options of jobs, statement set

CREATE TABLE a (id INT) WITH ('connector' = 'blackhole', 'checkpointing.interval' = '1s');
CREATE TABLE b (id INT) WITH ('connector' = 'blackhole', 'checkpointing.interval' = '2s');
EXECUTE STATEMENT SET BEGIN
INSERT INTO a VALUES 1;
INSERT INTO b VALUES 2;
END;
