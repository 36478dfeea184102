// `npm run s3`: an empty S3 server to play with, until Ctrl-C.
import { stopOnSignal } from "../server-process.ts";
import { S3Server } from "./server.ts";

const server = await S3Server.start("bucket");
process.stdout.write(`An S3 server with the bucket 'bucket'; Ctrl-C stops it and removes its data.

export AWS_ENDPOINT_URL_S3=${server.endpoint} AWS_ACCESS_KEY_ID=${server.accessKey} AWS_SECRET_ACCESS_KEY=${server.secretKey}
SET 'execution.checkpointing.dir' = 's3://bucket/checkpoints';
`);
stopOnSignal(async () => server.stop());
