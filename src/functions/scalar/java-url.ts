/** A URL taken apart as java.net.URL does it; `undefined` parts are absent. */
export interface JavaUrl {
  readonly protocol: string;
  readonly authority?: string | undefined;
  readonly userInfo?: string | undefined;
  readonly host: string;
  readonly path: string;
  readonly query?: string | undefined;
  readonly ref?: string | undefined;
}

const PROTOCOLS = new Set(["http", "https", "ftp", "file", "jar", "mailto", "jrt"]);

/** `undefined`: no URL of a protocol that Java knows. */
export function parseJavaUrl(written: string): JavaUrl | undefined {
  const spec = written.replace(/^[\0- ]+|[\0- ]+$/g, "").replace(/^url:/i, "");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(spec);
  const protocol = scheme?.[1]?.toLowerCase();
  if (protocol === undefined || !PROTOCOLS.has(protocol)) return undefined;
  let rest = spec.slice(protocol.length + 1);
  const hash = rest.indexOf("#");
  const ref = hash < 0 ? undefined : rest.slice(hash + 1);
  if (hash >= 0) rest = rest.slice(0, hash);
  const mark = protocol === "jar" || protocol === "mailto" ? -1 : rest.indexOf("?");
  const query = mark < 0 ? undefined : rest.slice(mark + 1);
  if (mark >= 0) rest = rest.slice(0, mark);
  if (!rest.startsWith("//") || protocol === "jar" || protocol === "mailto") {
    return { protocol, host: "", path: withoutDots(rest), query, ref };
  }
  const slash = rest.indexOf("/", 2);
  const authority = rest.slice(2, slash < 0 ? undefined : slash);
  const at = authority.indexOf("@");
  const single = at >= 0 && at === authority.lastIndexOf("@");
  const host = at >= 0 && !single ? "" : hostOf(authority.slice(at + 1));
  if (host === undefined) return undefined;
  const userInfo = single ? authority.slice(0, at) : undefined;
  return { protocol, authority, userInfo, host, path: slash < 0 ? "" : withoutDots(rest.slice(slash)), query, ref };
}

/** The host without its port; `undefined` when the port is no number. */
function hostOf(hostAndPort: string): string | undefined {
  const match = /^(\[[^\]]*\]|[^:[]*)(?::(-1|\d*))?$/.exec(hostAndPort);
  return match?.[1];
}

function withoutDots(path: string): string {
  let result = path.replaceAll("/./", "/");
  for (let at = result.indexOf("/../"); at >= 0;) {
    const before = at === 0 ? -1 : result.lastIndexOf("/", at - 1);
    if (before < 0 || result.startsWith("/../", before)) {
      at = result.indexOf("/../", at + 3);
    } else {
      result = result.slice(0, before) + result.slice(at + 3);
      at = result.indexOf("/../");
    }
  }
  return result.replace(/\/\.$/, "/");
}
