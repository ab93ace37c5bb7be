import assert from "node:assert/strict";
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat } from "./cbor";
import { leafOf } from "./log";
import { checkReading, openedIn } from "./reading";

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const ENTRY = '{"action":"person.read","at":1790000000000000,"detail":{"a":"b"},"id":"00000000-0000-0000-0000-000000000002","purpose":"visit"}';
const EXTRA = `{"entry":${ENTRY},"opening":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=","type":"olzii/journal/v1"}`;
const SHOWN = { id: "00000000-0000-0000-0000-000000000002", at: "2026-09-21T22:13:20+08:00", action: "person.read", purpose: "visit" };

interface Signer {
  readonly name: string;
  readonly id: Buffer;
  readonly line: string;
  readonly secret: KeyObject;
}

function signer(name: string, kind: number): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key = Buffer.concat([Buffer.from([kind]), Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url")]);
  const id = Buffer.from(sha256(concat([utf8(name), [0x0a], new Uint8Array(key)])).slice(0, 4));
  return { name, id, line: `${name}+${id.toString("hex")}+${text64(key)}`, secret: privateKey };
}

const [LOG, WITNESS] = [signer("city.example/journal", 1), signer("university.example/witness", 4)];
const POLICY = `log ${LOG.line}\nwitness university ${WITNESS.line}\nquorum university\n`;

/** A proof of the only entry of a log. */
function proof(extra: string, isWitnessed = true): string {
  const root = text64(leafOf(openedIn(utf8(EXTRA)).leaf));
  const text = `${LOG.name}\n1\n${root}\n`;
  const line = (by: Signer, bytes: Uint8Array): string => `\u2014 ${by.name} ${text64(Buffer.concat([by.id, bytes]))}\n`;
  let note = `${text}\n${line(LOG, sign(null, utf8(text), LOG.secret))}`;
  if (isWitnessed) {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_790_000_060n);
    note += line(WITNESS, Buffer.concat([time, sign(null, utf8(`cosignature/v1\ntime 1790000060\n${text}`), WITNESS.secret)]));
  }
  return `c2sp.org/tlog-proof@v1\nextra ${text64(utf8(extra))}\nindex 0\n\n${note}`;
}

test("what stands in the log for an entry is what the Rust side computes", () => {
  assert.equal(text64(leafOf(openedIn(utf8(EXTRA)).leaf)), "G0JqHGvrPCRXypSo8EiLjj2ec9jfPsX56lC8OMqb5po=");
  for (const wrong of ["", "{}", EXTRA.slice(1), EXTRA.replace("journal/v1", "journal/v2"), EXTRA.replace("AAEC", "AAE"), EXTRA.replace('"visit"}', '"visit"')]) {
    assert.throws(() => openedIn(utf8(wrong)), wrong);
  }
  assert.throws(() => openedIn(null));
});

test("a proof holds of the entry that is shown, under the city's policy, and of no other", async () => {
  const kind = async (policy: string, text: string, shown = SHOWN): Promise<string> => (await checkReading(policy, text, shown)).kind;
  assert.deepEqual(await checkReading(POLICY, proof(EXTRA), SHOWN), { kind: "good", index: 0n, size: 1n, witnesses: ["university"] });
  assert.equal(await kind(POLICY, proof(EXTRA.replace("visit", "service"))), "absent");
  assert.equal(await kind(POLICY, proof(EXTRA, false)), "unsigned");
  const alone = `log ${LOG.line}\nquorum none\n`;
  assert.deepEqual(await checkReading(alone, proof(EXTRA, false), SHOWN), { kind: "good", index: 0n, size: 1n, witnesses: [] });
  const stranger = `log ${signer(LOG.name, 1).line}\nquorum none\n`;
  assert.equal(await kind(stranger, proof(EXTRA)), "unsigned");
  for (const part of ["id", "at", "action", "purpose"] as const) {
    assert.equal(await kind(POLICY, proof(EXTRA), { ...SHOWN, [part]: part === "at" ? "2026-09-21T22:13:21+08:00" : "x" }), "other", part);
  }
  for (const text of ["", "c2sp.org/tlog-proof@v1\n\nx", proof("{}"), proof(EXTRA).replace("extra ", "extras ")]) {
    assert.equal(await kind(POLICY, text), "unreadable", text);
  }
  assert.equal(await kind("x", proof(EXTRA)), "unreadable");
});
