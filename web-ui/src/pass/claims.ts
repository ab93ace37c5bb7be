// What a pass says: CWT claims (RFC 8392), each of them ours.
import { CborError, asArray, asBytes, asMap, asNumber, asShort, asText, isDeterministic, read, type Value } from "./cbor";

const CLAIMS_BYTES_MAX = 600;
export const URI_BYTES_MAX = 200;
const HINT_BYTES_MAX = 4;
const DIGITS_MAX = 9_999;
const ID_BYTES = 8;

const EXPIRES = 4n;
const NOT_BEFORE = 5n;
const ID = 7n;
const STATUS = 65_535n;
const PASS = -65_537n;

/** Times are seconds since 1970. */
export interface Pass {
  readonly notBefore: bigint;
  readonly expires: bigint;
  readonly regime: number;
  readonly scope: number;
  /** Its place in a status list; null for one that has 8 random bytes instead. */
  readonly status: { readonly index: bigint; readonly list: string } | null;
  /** The first character of a name and `*`. */
  readonly hint: string | null;
  /** The four digits before the last character of the person's number. */
  readonly digits: string | null;
}

function statusOf(value: Value): { index: bigint; list: string } {
  const outer = asMap(value, 1).get("status_list");
  const list = asMap(outer, 2);
  return { index: asNumber(list.get("idx")), list: asText(list.get("uri"), URI_BYTES_MAX) };
}

function hintOf(value: Value | undefined): string | null {
  if (value === undefined) return null;
  const text = asText(value, HINT_BYTES_MAX);
  const characters = [...text];
  if (characters.length !== 2 || characters[1] !== "*" || /[\p{Cc}\p{White_Space}]/u.test(characters[0]!)) {
    throw new CborError("a hint at a name is one visible character and *");
  }
  return text;
}

function digitsOf(value: Value | undefined): string | null {
  if (value === undefined) return null;
  const digits = asShort(value);
  if (digits > DIGITS_MAX) throw new CborError("four digits are expected");
  return String(digits).padStart(4, "0");
}

export function readClaims(bytes: Uint8Array<ArrayBuffer>): Pass {
  if (bytes.length > CLAIMS_BYTES_MAX) throw new CborError("the claims of a pass are short");
  const value = read(bytes);
  const claims = asMap(value, 4);
  const [id, status] = [claims.get(ID), claims.get(STATUS)];
  const isMarkedOnce = (id === undefined) !== (status === undefined);
  if (claims.size !== 4 || !isMarkedOnce) throw new CborError("a pass has the claims 4, 5, -65537 and one of 7 and 65535");
  if (id !== undefined && asBytes(id).length !== ID_BYTES) throw new CborError("the id of a pass has 8 bytes");
  const [regime, scope, hint, digits] = asArray(claims.get(PASS), 2, 4);
  const pass = {
    notBefore: asNumber(claims.get(NOT_BEFORE)),
    expires: asNumber(claims.get(EXPIRES)),
    regime: asShort(regime),
    scope: asShort(scope),
    status: status === undefined ? null : statusOf(status),
    hint: hintOf(hint),
    digits: digitsOf(digits),
  };
  if (!isDeterministic(value, bytes)) throw new CborError("not deterministic");
  return pass;
}
