import { ROCKSDB } from "./backend.ts";
import { recordBackendSuite } from "./record-backend.test-helper.ts";

recordBackendSuite(ROCKSDB);
