// COSE_Sign1 (RFC 9052, section 4.2): what it holds, and the bytes that are signed.
import { CborError, Pairs, Tagged, asArray, asBytes, asMap, concat, read, write, type Value } from "./cbor";
import type { Algorithm } from "./signature";

const TAG_SIGN1 = 18n;
const LABEL_ALGORITHM = 1n;
const LABEL_KEY_ID = 4n;
const LABEL_TYPE = 16n;
/** Labels of a header. */
const LABELS_MAX = 16;
/** Labels and algorithms are numbers of 64 bits with a sign. */
const NUMBER_MAX = 2n ** 63n;

/** A header: what is known of it, and whether it says nothing else. */
export interface Header {
  readonly algorithm: bigint | null;
  readonly keyId: Uint8Array<ArrayBuffer> | null;
  readonly type: string | null;
  readonly others: number;
}

export interface Message {
  readonly protected: Header;
  readonly unprotected: Header;
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  readonly signed: Uint8Array<ArrayBuffer>;
  /** Both as they were read, to be written anew. */
  readonly whole: Value;
  readonly protectedValue: Value;
  readonly protectedBytes: Uint8Array<ArrayBuffer>;
}

function headerOf(value: Value): Header {
  const labels = asMap(value, LABELS_MAX);
  for (const label of [...labels.keys(), labels.get(LABEL_ALGORITHM)]) {
    if (typeof label === "bigint" && (label >= NUMBER_MAX || label < -NUMBER_MAX)) throw new CborError("a label is too large a number");
  }
  const [algorithm, keyId, type] = [labels.get(LABEL_ALGORITHM), labels.get(LABEL_KEY_ID), labels.get(LABEL_TYPE)];
  if (algorithm !== undefined && typeof algorithm !== "bigint" && typeof algorithm !== "string") throw new CborError("an algorithm is a number or a text");
  const known = [typeof algorithm === "bigint", keyId !== undefined, typeof type === "string"].filter(Boolean).length;
  return {
    algorithm: typeof algorithm === "bigint" ? algorithm : null,
    keyId: keyId === undefined ? null : asBytes(keyId),
    type: typeof type === "string" ? type : null,
    others: labels.size - known,
  };
}

/** Reads a message with tag 18. */
export function readMessage(bytes: Uint8Array<ArrayBuffer>): Message {
  const whole = read(bytes);
  if (!(whole instanceof Tagged) || whole.tag !== TAG_SIGN1) throw new CborError("COSE_Sign1 has the tag 18");
  const parts = asArray(whole.value, 4);
  const [protectedBytes, payload, signature] = [asBytes(parts[0]), asBytes(parts[2]), asBytes(parts[3])];
  const protectedValue = protectedBytes.length === 0 ? new Pairs([]) : read(protectedBytes);
  return {
    protected: headerOf(protectedValue),
    unprotected: headerOf(parts[1]!),
    payload,
    signature,
    signed: concat([[0x84], write("Signature1"), write(protectedBytes), write(new Uint8Array()), write(payload)]),
    whole,
    protectedValue,
    protectedBytes,
  };
}

/** By the numbers of RFC 9864, or the older ones of RFC 9053. SM2 is none that a browser can check. */
export function algorithmOf(number: bigint): Algorithm | null {
  if (number === -19n || number === -8n) return "Ed25519";
  return number === -9n || number === -7n ? "ES256" : null;
}

/** The private number under which SM2 passes are signed: they are ours, and no key here is for them. */
export const ALGORITHM_SM2 = -65_538n;

export function saysNothing(header: Header): boolean {
  return header.algorithm === null && header.keyId === null && header.type === null && header.others === 0;
}
