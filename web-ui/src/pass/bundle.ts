// What a checkpoint takes along: keys, regimes and status lists in deterministic CBOR.
import { CborError, asArray, asBytes, asNumber, asShort, asText, isDeterministic, read, type Value } from "./cbor";
import { URI_BYTES_MAX } from "./claims";
import { checkOf, type Algorithm, type Check } from "./signature";
import { ENTRIES_MAX } from "./status";

export const BUNDLE_BYTES_MAX = 4 * 1024 * 1024;
const KEYS_MAX = 256;
const REGIMES_MAX = 64;
const KEY_REGIMES_MAX = 64;
const SCOPES_MAX = 16;
const OFFICE_BYTES_MAX = 200;
const TEXT_BYTES_MAX = 1_000;

/** A key with what it may do; times are seconds since 1970. */
export interface KeyRecord {
  readonly id: Uint8Array<ArrayBuffer>;
  readonly algorithm: Algorithm;
  readonly check: Check;
  readonly office: string;
  readonly regimes: readonly number[];
  readonly scope: number;
  readonly issueFrom: bigint;
  readonly issueUntil: bigint;
  readonly verifyUntil: bigint;
  readonly withdrawnAt: bigint | null;
}

export interface Regime {
  readonly number: number;
  readonly title: string;
  readonly legalBasis: string;
  readonly orderNumber: string;
  readonly office: string;
  readonly start: bigint;
  readonly end: bigint;
  /** What each bit of a scope opens, from the lowest. */
  readonly scopes: readonly string[];
  readonly passSecondsMax: bigint;
  readonly status: { readonly uri: string; readonly entries: bigint } | null;
}

export interface Bundle {
  readonly number: bigint;
  readonly issuedAt: bigint;
  readonly expires: bigint;
  readonly keys: readonly KeyRecord[];
  readonly regimes: readonly Regime[];
  readonly lists: ReadonlyArray<Uint8Array<ArrayBuffer>>;
}

function orNull<T>(value: Value | undefined, as: (value: Value | undefined) => T): T | null {
  return value === null ? null : as(value);
}

async function keyOf(value: Value, subtle: SubtleCrypto | null | undefined): Promise<KeyRecord> {
  const [id, number, bytes, office, regimes, scope, from, until, verify, withdrawn] = asArray(value, 10);
  const [algorithm, length] = number === -19n ? (["Ed25519", 32] as const) : number === -9n ? (["ES256", 33] as const) : [null, 0];
  const [idBytes, key] = [asBytes(id), asBytes(bytes)];
  if (!algorithm || key.length !== length) throw new CborError("a key is one of Ed25519, or a compressed point of P-256");
  if (idBytes.length < 4 || idBytes.length > 8) throw new CborError("the id of a key has 4 to 8 bytes");
  const check = await checkOf(algorithm, key, subtle);
  if (!check) throw new CborError("a key is none");
  return {
    id: idBytes,
    algorithm,
    check,
    office: asText(office, OFFICE_BYTES_MAX),
    regimes: asArray(regimes, 0, KEY_REGIMES_MAX).map(asShort),
    scope: asShort(scope),
    issueFrom: asNumber(from),
    issueUntil: asNumber(until),
    verifyUntil: asNumber(verify),
    withdrawnAt: orNull(withdrawn, asNumber),
  };
}

function placeOf(value: Value | undefined): { uri: string; entries: bigint } {
  const [uri, entries] = asArray(value, 2);
  const count = asNumber(entries, ENTRIES_MAX);
  if (count === 0n || count % 8n !== 0n) throw new CborError("a status list has whole bytes of entries");
  return { uri: asText(uri, URI_BYTES_MAX), entries: count };
}

function regimeOf(value: Value): Regime {
  const [number, title, basis, order, office, start, end, scopes, seconds, status] = asArray(value, 10);
  const text = (it: Value | undefined): string => asText(it, TEXT_BYTES_MAX);
  const regime = {
    number: asShort(number),
    title: text(title),
    legalBasis: text(basis),
    orderNumber: text(order),
    office: text(office),
    start: asNumber(start),
    end: asNumber(end),
    scopes: asArray(scopes, 0, SCOPES_MAX).map(text),
    passSecondsMax: asNumber(seconds),
    status: orNull(status, placeOf),
  };
  if (regime.start > regime.end) throw new CborError("a regime ends after it starts");
  return regime;
}

export async function readBundle(bytes: Uint8Array<ArrayBuffer>, subtle?: SubtleCrypto | null): Promise<Bundle> {
  if (bytes.length > BUNDLE_BYTES_MAX) throw new CborError("a bundle has at most 4 MiB");
  const value = read(bytes);
  const [number, issuedAt, expires, keys, regimes, lists] = asArray(value, 6);
  const bundle = {
    number: asNumber(number),
    issuedAt: asNumber(issuedAt),
    expires: asNumber(expires),
    keys: await Promise.all(asArray(keys, 0, KEYS_MAX).map((it) => keyOf(it, subtle))),
    regimes: asArray(regimes, 0, REGIMES_MAX).map(regimeOf),
    lists: asArray(lists, 0, REGIMES_MAX).map(asBytes),
  };
  if (!isDeterministic(value, bytes)) throw new CborError("not deterministic");
  return bundle;
}
