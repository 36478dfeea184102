import type { Api, Throttled } from "./request.ts";

/** A static member: `instance` keeps its place in the group over restarts. */
export interface Member {
  readonly group: string;
  readonly instance: string;
  readonly memberId: string;
  readonly generation: number;
}

export interface JoinRequest {
  readonly group: string;
  readonly instance: string;
  /** Empty at first. */
  readonly memberId: string;
  readonly sessionTimeoutMillis: number;
  readonly rebalanceTimeoutMillis: number;
  readonly protocolType: string;
  readonly metadata: Uint8Array;
}

export interface Joined extends Throttled {
  readonly error: number;
  readonly generation: number;
  readonly leader: string;
  readonly memberId: string;
  /** For the leader only. */
  readonly members: readonly { readonly memberId: string; readonly instance: string | undefined }[];
}

export const joinGroup: Api<JoinRequest, Joined> = {
  key: 11,
  name: "JoinGroup",
  minVersion: 5,
  maxVersion: 5,
  flexibleFrom: 6,
  lane: "group",
  encode(writer, request) {
    writer.string(request.group).int32(request.sessionTimeoutMillis).int32(request.rebalanceTimeoutMillis);
    writer.string(request.memberId).nullableString(request.instance).string(request.protocolType);
    writer.array([request.metadata], (metadata) => {
      writer.string(request.protocolType).byteString(metadata);
    });
  },
  decode(reader) {
    const head = { throttleMillis: reader.int32(), error: reader.int16(), generation: reader.int32() };
    reader.string();
    const leader = reader.string();
    const memberId = reader.string();
    const members = reader.array(() => {
      const member = { memberId: reader.string(), instance: reader.nullableString() };
      reader.byteString();
      return member;
    });
    return { ...head, leader, memberId, members };
  },
};

export interface Assignment {
  readonly memberId: string;
  readonly assignment: Uint8Array;
}

export const syncGroup: Api<
  { readonly member: Member; readonly assignments: readonly Assignment[] },
  Throttled & { readonly error: number; readonly assignment: Uint8Array }
> = {
  key: 14,
  name: "SyncGroup",
  minVersion: 3,
  maxVersion: 3,
  flexibleFrom: 4,
  lane: "group",
  encode(writer, { member, assignments }) {
    writer.string(member.group).int32(member.generation).string(member.memberId).nullableString(member.instance);
    writer.array(assignments, ({ memberId, assignment }) => {
      writer.string(memberId).byteString(assignment);
    });
  },
  decode: (reader) => ({ throttleMillis: reader.int32(), error: reader.int16(), assignment: reader.byteString() }),
};

export const heartbeat: Api<{ readonly member: Member }, Throttled & { readonly error: number }> = {
  key: 12,
  name: "Heartbeat",
  minVersion: 3,
  maxVersion: 3,
  flexibleFrom: 4,
  lane: "control",
  encode(writer, { member }) {
    writer.string(member.group).int32(member.generation).string(member.memberId).nullableString(member.instance);
  },
  decode: (reader) => ({ throttleMillis: reader.int32(), error: reader.int16() }),
};

export const leaveGroup: Api<{ readonly member: Member }, Throttled & { readonly error: number }> = {
  key: 13,
  name: "LeaveGroup",
  minVersion: 3,
  maxVersion: 3,
  flexibleFrom: 4,
  lane: "control",
  encode(writer, { member }) {
    writer.string(member.group).array([member], ({ memberId, instance }) => {
      writer.string(memberId).nullableString(instance);
    });
  },
  decode(reader) {
    const head = { throttleMillis: reader.int32(), error: reader.int16() };
    const members = reader.array(() => {
      reader.string();
      reader.nullableString();
      return reader.int16();
    });
    return { ...head, error: head.error === 0 ? (members[0] ?? 0) : head.error };
  },
};
