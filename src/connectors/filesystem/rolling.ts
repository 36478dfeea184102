import type { OptionReader } from "../../base/options.ts";

/** When a part file is finished and the next one begun. */
export interface RollingPolicy {
  readonly fileBytes: number;
  readonly rolloverMillis: number;
  readonly inactivityMillis: number;
  /** How often the two intervals are looked at. */
  readonly checkMillis: number;
}

/** The `sink.rolling-policy.*` options. */
export function rollingPolicy(options: OptionReader): RollingPolicy {
  return {
    fileBytes: Math.max(1, options.bytes("sink.rolling-policy.file-size") ?? 0),
    rolloverMillis: options.millis("sink.rolling-policy.rollover-interval") ?? 0,
    inactivityMillis: options.millis("sink.rolling-policy.inactivity-interval") ?? 0,
    checkMillis: options.millis("sink.rolling-policy.check-interval") ?? 0,
  };
}

/** True when a file has been open or silent for too long. */
export function isStale(
  policy: RollingPolicy,
  file: { readonly createdMillis: number; readonly lastWriteMillis: number },
  nowMillis: number,
): boolean {
  return (
    nowMillis - file.createdMillis >= policy.rolloverMillis ||
    nowMillis - file.lastWriteMillis >= policy.inactivityMillis
  );
}
