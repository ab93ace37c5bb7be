// Who was revoked: Token Status List (draft-ietf-oauth-status-list-20), sections 4.1, 4.3 and 5.2.
import { CborError, asBytes, asMap, asNumber, asText, isSame, read, type Value } from "./cbor";
import type { KeyRecord, Regime } from "./bundle";
import { URI_BYTES_MAX } from "./claims";
import { algorithmOf, readMessage, saysNothing, type Message } from "./cose";

export const ENTRIES_MAX = 1n << 22n;
const COMPRESSED_BYTES_MAX = Number(ENTRIES_MAX) + 64 * 1024;
const TYPE = "application/statuslist+cwt";
const CLAIMS_MAX = 8;
const LIST_BYTES_MAX = 4 * 1024 * 1024;

const SUBJECT = 2n;
const EXPIRES = 4n;
const ISSUED_AT = 6n;
const STATUS_LIST = 65_533n;
const SECONDS_TO_LIVE = 65_534n;

/** The status of entry `index`, lowest bit first; null beyond the list. */
export function statusAt(bytes: Uint8Array, bits: number, index: bigint): number | null {
  if (index >= (BigInt(bytes.length) * 8n) / BigInt(bits)) return null;
  const bit = Number(index) * bits;
  return (bytes[Math.floor(bit / 8)]! >> (bit % 8)) & ((1 << bits) - 1);
}

/** RFC 1950: the sum at the end of zlib data. */
function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

/** Whether the data end with the sum of what they made: engines differ in what they let follow it. */
function endsWithSum(compressed: Uint8Array, made: Uint8Array): boolean {
  if (compressed.length < 4) return false;
  return new DataView(compressed.buffer, compressed.byteOffset).getUint32(compressed.length - 4) === adler32(made);
}

/** zlib data that makes exactly `size` bytes; null if it makes others. Never more than these are kept. */
export async function inflate(compressed: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = new Uint8Array(size);
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  let end = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return end === size && endsWithSum(compressed, bytes) ? bytes : null;
      if (end + value.length > size) {
        await reader.cancel();
        return null;
      }
      bytes.set(value, end);
      end += value.length;
    }
  } catch {
    return null;
  }
}

/** `{"bits": n, "lst": bytes}`. */
export function listOf(value: Value | undefined): { bits: number; compressed: Uint8Array<ArrayBuffer> } {
  const map = asMap(value, 3);
  const bits = Number(asNumber(map.get("bits"), 8n));
  const compressed = asBytes(map.get("lst"));
  const others = [...map.keys()].filter((key) => key !== "bits" && key !== "lst");
  others.forEach((key) => asText(key === "aggregation_uri" ? map.get(key) : undefined, URI_BYTES_MAX));
  if (![1, 2, 4, 8].includes(bits) || compressed.length > COMPRESSED_BYTES_MAX) throw new CborError("a status has 1, 2, 4 or 8 bits");
  return { bits, compressed };
}

/** What is held of a regime's list. */
export interface Held {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly expires: bigint | null;
}

class ListError extends Error {}

async function isSigned(message: Message, keys: readonly KeyRecord[], regime: number): Promise<boolean> {
  const { keyId, algorithm } = message.protected;
  if (!keyId || algorithm === null) return false;
  for (const key of keys) {
    const may = isSame(key.id, keyId) && key.regimes.includes(regime) && key.withdrawnAt === null;
    if (may && key.algorithm === algorithmOf(algorithm) && (await key.check(message.signed, message.signature))) return true;
  }
  return false;
}

/** The list in a token of the bundle, and the number of the regime whose it is. Throws for any that is not as it has to be. */
export async function openList(token: Uint8Array<ArrayBuffer>, keys: readonly KeyRecord[], regimes: Iterable<Regime>): Promise<readonly [number, Held]> {
  if (token.length > LIST_BYTES_MAX) throw new ListError("too long");
  const message = readMessage(token);
  const claims = asMap(read(message.payload), CLAIMS_MAX);
  const subject = asText(claims.get(SUBJECT), URI_BYTES_MAX);
  asNumber(claims.get(ISSUED_AT));
  const expires = claims.has(EXPIRES) ? asNumber(claims.get(EXPIRES)) : null;
  if (claims.has(SECONDS_TO_LIVE)) asNumber(claims.get(SECONDS_TO_LIVE));
  const { bits, compressed } = listOf(claims.get(STATUS_LIST));
  const regime = [...regimes].find((it) => it.status?.uri === subject);
  if (!regime?.status) throw new ListError("of no regime of the bundle");
  const { protected: header, unprotected } = message;
  const isOurs = header.type === TYPE && header.others === 0 && header.keyId !== null && saysNothing(unprotected);
  if (!isOurs || !(await isSigned(message, keys, regime.number)) || bits !== 1) throw new ListError("not signed by who may");
  const bytes = await inflate(compressed, Number(regime.status.entries / 8n));
  if (!bytes) throw new ListError("not of the size that its regime announces");
  return [regime.number, { bytes, expires }];
}
