// A city's passes, made here from the specification alone: deterministic CBOR, COSE_Sign1 by Ed25519, a status list, a bundle,
// and the city's log with a witness that vouches for it. A third hand, beside the two implementations that read them.
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { deflateSync } from "node:zlib";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/** The demo's order that is in force, and a second one that the same office issues for. */
const REGIME = 1;
const SECOND = 13;
const listOf = (regime) => `https://city.example/status/${regime}`;
const ENTRIES = 131_072;
const REVOKED = 70_002;
export const OTHER = 10;

const sha256 = (...parts) => parts.reduce((hash, it) => hash.update(it), createHash("sha256")).digest();

function head(major, argument) {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  const width = argument < 2 ** 8 ? 1 : argument < 2 ** 16 ? 2 : 4;
  const bytes = Buffer.alloc(1 + width, (major << 5) | (24 + Math.log2(width)));
  bytes.writeUIntBE(argument, 1, width);
  return bytes;
}

/** Numbers, bytes, texts, null, arrays; maps whose keys stand in their order already. */
function cbor(value) {
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
}

function base45(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += 2) {
    let value = start + 1 < bytes.length ? bytes.readUInt16BE(start) : bytes[start];
    for (let count = start + 1 < bytes.length ? 3 : 2; count > 0; count -= 1) {
      text += ALPHABET[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

function key() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const bytes = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return { privateKey, bytes, id: sha256(bytes).subarray(0, 4) };
}

function message(by, payload, type) {
  const labels = [[1, -19], [4, by.id], ...(type ? [[16, type]] : [])];
  const bytes = cbor(new Map(labels));
  const signature = sign(null, cbor(["Signature1", bytes, Buffer.alloc(0), payload]), by.privateKey);
  return Buffer.concat([Buffer.from([0xd2]), cbor([bytes, new Map(), payload, signature])]);
}

/** A pass of this city; `change` may turn its signed bytes into a forgery. */
function pass(by, { notBefore, expires, index, regime = REGIME, scope = 0b01, name = "王*", digits = 4321 }, change = (it) => it) {
  const status = new Map([["status_list", new Map([["idx", index], ["uri", String(regime)]])]]);
  const claims = new Map([[4, expires], [5, notBefore], [65_535, status], [-65_537, [regime, scope, name, digits]]]);
  return `OZ1:${base45(change(message(by, cbor(claims))))}`;
}

function verifierKey(name, kind, bytes) {
  const id = sha256(name, Buffer.from([0x0a, kind]), bytes).subarray(0, 4);
  return { id, text: `${name}+${id.toString("hex")}+${Buffer.concat([Buffer.from([kind]), bytes]).toString("base64")}` };
}

/** A log of one entry: its policy with one witness, and the proof of the bundle. */
function logged([log, witness], bundle, now) {
  const names = ["city.example/journal", "county.example/witness"];
  const [logKey, witnessKey] = [verifierKey(names[0], 1, log.bytes), verifierKey(names[1], 4, witness.bytes)];
  const entry = Buffer.concat([Buffer.from("olzii/bundle/v1\n"), cbor(sha256(bundle))]);
  const root = sha256(Buffer.from([0]), entry).toString("base64");
  const note = `${names[0]}\n1\n${root}\n`;
  const line = (name, id, bytes) => `\u2014 ${name} ${Buffer.concat([id, bytes]).toString("base64")}\n`;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(now));
  const cosigned = sign(null, Buffer.from(`cosignature/v1\ntime ${now}\n${note}`), witness.privateKey);
  const lines = line(names[0], logKey.id, sign(null, Buffer.from(note), log.privateKey)) + line(names[1], witnessKey.id, Buffer.concat([time, cosigned]));
  return {
    policy: `log ${logKey.text}\nwitness county ${witnessKey.text}\nquorum county\n`,
    proof: `c2sp.org/tlog-proof@v1\nindex 0\n\n${note}\n${lines}`,
  };
}

const HOUR = 3600;

/** The bundle of two orders with two kinds of place each, in whose first list these are revoked. */
function bundleOf(office, now, number, revoked) {
  const hour = HOUR;
  const token = (regime, places) => {
    const list = Buffer.alloc(ENTRIES / 8);
    for (const it of places) list[Math.floor(it / 8)] |= 1 << (it % 8);
    const statuses = new Map([["bits", 1], ["lst", deflateSync(list, { level: 9 })]]);
    const claims = new Map([[2, listOf(regime)], [4, now + 24 * hour], [6, now], [65_533, statuses]]);
    return message(office, cbor(claims), "application/statuslist+cwt");
  };
  const record = [office.id, -19, office.bytes, "新体路街道办事处", [REGIME, SECOND], 0b11, now - 100 * hour, now + 100 * hour, now + 240 * hour, null];
  const order = (regime, title) => [regime, title, "突发事件应对法第四十九条", "2026-3", "应急管理局", now - 100 * hour, now + 240 * hour, ["小区", "商店"], 48 * hour, [listOf(regime), ENTRIES]];
  return cbor([number, now, now + 72 * hour, [record], [order(REGIME, "防汛临时通行"), order(SECOND, "那达慕车辆通行")], [token(REGIME, revoked), token(SECOND, [])]]);
}

/** Two orders, and a pass of each sort for the first kind of place of the first of them, as of `now` in seconds. */
export function makePasses(now) {
  const hour = HOUR;
  const [office, stranger, log, witness] = [key(), key(), key(), key()];
  const bundle = bundleOf(office, now, 1, [REVOKED]);
  const times = { notBefore: now - hour, expires: now + 12 * hour };
  /** The next bundle, in which one more is revoked, and its proof by the same log. */
  const next = (revoked) => {
    const bundle = bundleOf(office, now, 2, [REVOKED, revoked]);
    return { bundle, proof: logged([log, witness], bundle, now).proof };
  };
  return {
    bundle,
    next,
    ...logged([log, witness], bundle, now),
    texts: {
      good: pass(office, { ...times, index: 9 }),
      other: pass(office, { ...times, index: OTHER, name: "苏*", digits: 178 }),
      "out of focus": pass(office, { ...times, index: 16, name: "李*" }),
      "in the sun": pass(office, { ...times, index: 17, name: "赵*" }),
      "of two days": pass(office, { notBefore: now - hour, expires: now + 40 * hour, index: 18 }),
      revoked: pass(office, { ...times, index: REVOKED }),
      expired: pass(office, { notBefore: now - 3 * hour, expires: now - hour, index: 11 }),
      forged: pass(office, { ...times, index: 12 }, (bytes) => {
        bytes[bytes.length - 1] ^= 1;
        return bytes;
      }),
      "another office": pass(stranger, { ...times, index: 13 }),
      "another order": pass(office, { ...times, index: 14, regime: 77 }),
      "second order": pass(office, { ...times, index: 14, regime: SECOND }),
      "another place": pass(office, { ...times, index: 15, scope: 0b10 }),
      "no pass": "https://example.com/menu",
    },
  };
}
