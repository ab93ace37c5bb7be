// Ed25519 as strict verifiers have it, and ES256. WebCrypto where the browser has it; curves in plain script where it has
// not, as on a page that came by plain HTTP.
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat } from "./cbor";

export type Algorithm = "Ed25519" | "ES256";

/** How one signature is checked: the message and 64 bytes. */
export type Check = (message: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>) => Promise<boolean> | boolean;

/** What importing a key came to: a check, or that these bytes are no key. */
export type Imported = Promise<Check | null>;

/**
 * The 14 encodings of the 8 points of small order: y of 0, 1, −1 and of order 8 in both signs, and the same beyond p.
 * Anybody can make a signature that some key or commitment among these seems to have made.
 */
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].flatMap((low) => {
  const byte = parseInt(low.slice(62), 16) | 0x80;
  return [low, low.slice(0, 62) + byte.toString(16)];
});
const smallOrder = new Set(SMALL_ORDER);

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function isSmallOrder(encoded: Uint8Array): boolean {
  return smallOrder.has(hexOf(encoded));
}

function littleEndian(bytes: Uint8Array): bigint {
  return [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** R′ = S·B − k·A, and R′ is written as R is: without the cofactor, which the library's own check multiplies by. */
function checksInScript(key: Uint8Array, point: InstanceType<typeof ed25519.Point>): Check {
  return (message, signature) => {
    const [commitment, scalar] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];
    const { n: order } = ed25519.Point.CURVE();
    if (scalar >= order) return false;
    const challenge = littleEndian(sha512(concat([commitment, key, message]))) % order;
    const { BASE } = ed25519.Point;
    const made = BASE.multiplyUnsafe(scalar).subtract(point.multiplyUnsafe(challenge));
    return hexOf(made.toBytes()) === hexOf(commitment);
  };
}

async function ed25519Check(key: Uint8Array<ArrayBuffer>, subtle: SubtleCrypto | null): Imported {
  if (key.length !== 32 || isSmallOrder(key)) return null;
  let point: InstanceType<typeof ed25519.Point>;
  try {
    point = ed25519.Point.fromBytes(key);
  } catch {
    return null;
  }
  let check = checksInScript(key, point);
  try {
    const imported = await subtle?.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    if (subtle && imported) check = (message, signature) => subtle.verify({ name: "Ed25519" }, imported, signature, message);
  } catch {
    // A browser from before Ed25519.
  }
  return (message, signature) => signature.length === 64 && !isSmallOrder(signature.subarray(0, 32)) && check(message, signature);
}

async function es256Check(key: Uint8Array<ArrayBuffer>, subtle: SubtleCrypto | null): Imported {
  let whole: Uint8Array<ArrayBuffer>;
  try {
    // Browsers import whole points only, and none of them promises to refuse one that is not on the curve.
    whole = new Uint8Array(p256.Point.fromBytes(key).toBytes(false));
  } catch {
    return null;
  }
  const isWhole = (signature: Uint8Array): boolean => signature.length === 64;
  try {
    const kind = { name: "ECDSA", namedCurve: "P-256" };
    const imported = await subtle?.importKey("raw", whole, kind, false, ["verify"]);
    if (subtle && imported) {
      return (message, signature) => isWhole(signature) && subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, signature, message);
    }
  } catch {
    // The same in script.
  }
  return (message, signature) => {
    try {
      return isWhole(signature) && p256.verify(signature, message, whole, { lowS: false });
    } catch {
      return false;
    }
  };
}

/** The browser's own, in a secure context alone. */
function ownSubtle(): SubtleCrypto | null {
  return globalThis.crypto?.subtle ?? null;
}

/** `subtle` of null: in script alone. */
export function checkOf(algorithm: Algorithm, key: Uint8Array<ArrayBuffer>, subtle: SubtleCrypto | null = ownSubtle()): Imported {
  return algorithm === "Ed25519" ? ed25519Check(key, subtle) : es256Check(key, subtle);
}
