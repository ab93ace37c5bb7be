// That a bundle is the city's: its place in the city's log, and who stands for the log. C2SP signed-note, tlog-checkpoint,
// tlog-cosignature, tlog-proof and tlog-policy; RFC 6962 and RFC 9162, section 2.1.3.2.
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, isSame, write } from "./cbor";
import { checkOf, type Check } from "./signature";

type Bytes = Uint8Array<ArrayBuffer>;

const SIZE_MAX = (1n << 63n) - 1n;
const NOTE_MAX = 64 * 1024;
const SIGNATURES_MAX = 64;
const HASHES_MAX = 63;
const NAMES_MAX = 256;
const EXTRA_MAX = 64 * 1024;
const PROOF_MAX = (EXTRA_MAX * 4) / 3 + HASHES_MAX * 45 + NOTE_MAX + 100;
const HEADER = "c2sp.org/tlog-proof@v1";
const ENTRY_TYPE = "olzii/bundle/v1\n";
const NAME = /^[^+\s\p{Cc}]+$/u;
const KIND_NOTE = 1;
const KIND_COSIGNATURE = 4;

/** `unsigned`: those do not stand for it whom the policy asks for. `absent`: it is not in the log. */
export type LogFault = "unreadable" | "unsigned" | "absent";

/** Why nothing is taken on the log's word; for the log of a browser, not for people. */
export class LogError extends Error {
  constructor(
    why: string,
    readonly kind: LogFault = "unreadable",
  ) {
    super(why);
  }
}

interface LogKey {
  readonly name: string;
  readonly id: Bytes;
  readonly kind: number;
  readonly bytes: Bytes;
  readonly check: Check;
}

type Definition = { readonly kind: "witness"; readonly key: LogKey } | { readonly kind: "group"; readonly needed: number; readonly members: readonly string[] };

export interface Policy {
  readonly logs: readonly LogKey[];
  /** In the order of their lines: members stand before their group. */
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly quorum: string | null;
}

function fail(why: string, kind: LogFault = "unreadable"): never {
  throw new LogError(why, kind);
}

function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Base64 in its one form; null for any other. */
export function base64(text: string): Bytes | null {
  try {
    const bytes = Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
    return btoa(String.fromCharCode(...bytes)) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** Digits without leading zeros. */
function decimal(text: string | undefined): bigint | null {
  return text !== undefined && /^(0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) <= SIZE_MAX ? BigInt(text) : null;
}

async function keyOf(text: string): Promise<LogKey> {
  // Base64 has plus signs of its own: only the first two part the text.
  const match = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text);
  const bytes = match ? base64(match[3]!) : null;
  if (text.length > 1024 || !match || !bytes || bytes.length !== 33 || !NAME.test(match[1]!)) fail("a key is NAME+ID+BASE64");
  const [name, kind, key] = [match![1]!, bytes![0]!, bytes!.slice(1)];
  if (kind !== KIND_NOTE && kind !== KIND_COSIGNATURE) fail("a key of another type");
  const id = new Uint8Array(sha256(concat([utf8(name), [0x0a], bytes!])).slice(0, 4));
  if ([...id].map((it) => it.toString(16).padStart(2, "0")).join("") !== match![2]) fail("a key's id is not its own");
  const check = await checkOf("Ed25519", key);
  return { name, id, kind, bytes: key, check: check ?? fail("a key is none") };
}

export async function readPolicy(text: string): Promise<Policy> {
  if (utf8(text).length > NOTE_MAX) fail("a policy is short");
  const logs: LogKey[] = [];
  const definitions = new Map<string, Definition>();
  const taken = new Set<string>();
  let quorum: string | null | undefined;
  const define = (name: string, definition: Definition): void => {
    if (name === "none" || definitions.has(name) || definitions.size === NAMES_MAX) fail("a name that is given already");
    definitions.set(name, definition);
  };
  const isKnown = (keys: Iterable<LogKey>, key: LogKey): boolean => [...keys].some((it) => isSame(it.bytes, key.bytes));
  const witnesses = (): LogKey[] => [...definitions.values()].flatMap((it) => (it.kind === "witness" ? [it.key] : []));
  for (const line of text.split("\n")) {
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(line)) fail("a control character");
    const [kind, name, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (kind === undefined || kind.startsWith("#")) continue;
    if (kind === "log" && name && rest.length <= 1) {
      const key = await keyOf(name);
      if (isKnown(logs, key) || logs.length === NAMES_MAX) fail("a log's key that is given already");
      if (isKnown(witnesses(), key)) fail("a key that is a witness's too");
      logs.push(key);
    } else if (kind === "witness" && name && (rest.length === 1 || rest.length === 2)) {
      const key = await keyOf(rest[0]!);
      if (key.kind !== KIND_COSIGNATURE || isKnown(witnesses(), key)) fail("a witness has a key of its own for cosignatures");
      if (isKnown(logs, key)) fail("a key that is a log's too");
      define(name, { kind: "witness", key });
    } else if (kind === "group" && name && rest.length >= 2) {
      const [count, ...members] = rest;
      const needed = count === "all" ? members.length : count === "any" ? 1 : Number(decimal(count) ?? 0n);
      if (needed < 1 || needed > members.length) fail("a group needs all, any, or 1 to as many as it has");
      for (const member of members) {
        if (!definitions.has(member) || taken.has(member)) fail("a member is defined above, and is one once");
        taken.add(member);
      }
      define(name, { kind: "group", needed, members });
    } else if (kind === "quorum" && name && rest.length === 0 && quorum === undefined) {
      if (name !== "none" && !definitions.has(name)) fail("a quorum is defined above");
      quorum = name === "none" ? null : name;
    } else fail("a line that is none of a policy");
  }
  return { logs, definitions, quorum: quorum === undefined ? fail("no quorum") : quorum };
}

interface Line {
  readonly name: string;
  readonly id: Bytes;
  readonly signature: Bytes;
}

function noteOf(note: string): { text: string; lines: Line[] } {
  const end = note.lastIndexOf("\n\n");
  if (utf8(note).length > NOTE_MAX || end < 0 || /[\x00-\x09\x0b-\x1f]/.test(note)) fail("no note");
  const written = note.slice(end + 2);
  const lines = written.split("\n");
  if (lines.pop() !== "" || lines.length === 0 || lines.length > SIGNATURES_MAX) fail("no signatures");
  return {
    text: note.slice(0, end + 1),
    lines: lines.map((line) => {
      const match = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line);
      const bytes = match ? base64(match[2]!) : null;
      if (!match || !bytes || bytes.length < 5 || !NAME.test(match[1]!)) fail("a signature line that is none");
      return { name: match![1]!, id: bytes!.slice(0, 4), signature: bytes!.slice(4) };
    }),
  };
}

/** Whether `key` signed; a line of its that does not fit condemns the note. */
async function stands(note: { text: string; lines: readonly Line[] }, key: LogKey): Promise<boolean> {
  const own = note.lines.filter((it) => it.name === key.name && isSame(it.id, key.id));
  for (const { signature } of own) {
    const isCosignature = key.kind === KIND_COSIGNATURE;
    if (isCosignature && signature.length < 8) fail("forged");
    const time = isCosignature ? new DataView(signature.buffer, signature.byteOffset).getBigUint64(0) : 0n;
    const message = utf8(isCosignature ? `cosignature/v1\ntime ${time}\n${note.text}` : note.text);
    if (time > SIZE_MAX || !(await key.check(message, isCosignature ? signature.slice(8) : signature))) fail("forged", "unsigned");
  }
  return own.length > 0;
}

/** Size and root of a checkpoint for which the policy's quorum stands, and the witnesses who do. */
export async function judge(policy: Policy, checkpoint: string): Promise<{ size: bigint; root: Bytes; witnesses: string[] }> {
  const note = noteOf(checkpoint);
  const lines = note.text.slice(0, -1).split("\n");
  const [origin, sizeText, rootText] = lines;
  const [size, root] = [decimal(sizeText), base64(rootText ?? "")];
  if (lines.includes("") || size === null || root?.length !== 32) fail("no checkpoint");
  let isSigned = false;
  for (const key of policy.logs.filter((it) => it.name === origin)) isSigned = (await stands(note, key)) || isSigned;
  if (!isSigned) fail("not signed by a log that is trusted", "unsigned");
  const standing = new Set<string>();
  for (const [name, it] of policy.definitions) {
    const does = it.kind === "witness" ? await stands(note, it.key) : it.members.filter((member) => standing.has(member)).length >= it.needed;
    if (does) standing.add(name);
  }
  if (policy.quorum !== null && !standing.has(policy.quorum)) fail("too few witnesses stand for it", "unsigned");
  const witnesses = [...standing].filter((name) => policy.definitions.get(name)?.kind === "witness");
  return { size: size!, root: root!, witnesses };
}

function node(left: Uint8Array, right: Uint8Array): Bytes {
  return new Uint8Array(sha256(concat([[1], left, right])));
}

/** RFC 9162, section 2.1.3.2. */
export function isIncluded(index: bigint, size: bigint, leaf: Bytes, proof: readonly Bytes[], root: Bytes): boolean {
  if (index >= size || leaf.length !== 32) return false;
  let [fn, sn, hash] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      hash = node(sibling, hash);
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else hash = node(hash, sibling);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && isSame(hash, root);
}

export function leafOf(entry: Uint8Array): Bytes {
  return new Uint8Array(sha256(concat([[0], entry])));
}

/** The entry by which a log vouches for a bundle: a type line and, in CBOR, SHA-256. */
export function entryOfBundle(bundle: Uint8Array): Bytes {
  return concat([utf8(ENTRY_TYPE), write(new Uint8Array(sha256(bundle)))]);
}

export interface Proof {
  /** Anything; nobody vouches for it. */
  readonly extra: Bytes | null;
  readonly index: bigint;
  readonly hashes: readonly Bytes[];
  readonly checkpoint: string;
}

export function readProof(text: string): Proof {
  const end = text.indexOf("\n\n");
  if (text.length > PROOF_MAX || end < 0) fail("no proof");
  const [first, ...lines] = text.slice(0, end).split("\n");
  if (first !== HEADER) fail("a proof of another version");
  let extra: Bytes | null = null;
  if (lines[0]?.startsWith("extra ")) {
    extra = base64(lines.shift()!.slice("extra ".length));
    if (!extra || extra.length > EXTRA_MAX) fail("extra data that are none");
  }
  const line = lines.shift();
  const index = line?.startsWith("index ") ? decimal(line.slice("index ".length)) : null;
  const proof = lines.map((it) => base64(it));
  if (index === null || proof.length > HASHES_MAX || proof.some((it) => it?.length !== 32)) fail("no proof");
  return { extra, index: index!, hashes: proof as Bytes[], checkpoint: text.slice(end + 2) };
}

/** Throws unless the text is a proof, under the policy, that `entry` stands in the log; returns where, and who says so. */
export async function mustBeLogged(policy: Policy, text: string, entry: Uint8Array): Promise<{ index: bigint; size: bigint; witnesses: readonly string[] }> {
  const { index, hashes, checkpoint } = readProof(text);
  const { size, root, witnesses } = await judge(policy, checkpoint);
  if (!isIncluded(index, size, leafOf(entry), hashes, root)) fail("it is not in the log", "absent");
  return { index, size, witnesses };
}
