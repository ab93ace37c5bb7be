import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { decodeBase45, encodeBase45 } from "./base45";
import { CborError, asBytes, asMap, asText, concat, isSame, read, write } from "./cbor";
import { algorithmOf, readMessage } from "./cose";
import { entryOfBundle, isIncluded, leafOf, mustBeLogged, readPolicy } from "./log";
import { checkOf, isSmallOrder } from "./signature";
import { inflate, listOf, statusAt } from "./status";
import { CODES, LoadError, Verifier, type Answer } from "./verify";

// Browsers have it; Node 18, which Debian 12 ships, does not.
globalThis.crypto ??= webcrypto as Crypto;

const vectors = (name: string): any => JSON.parse(readFileSync(`../data/vectors/${name}.json`, "utf8"));
const base64 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64"));
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "hex"));
const codeOf = (answer: Answer): string => (answer.kind === "accepted" ? "accepted" : answer.code);
/** With the engine's own signatures, and with those in script. */
const ENGINES = [crypto.subtle, null];

test("base45 as its standard has it", () => {
  for (const [plain, text] of [["AB", "BB8"], ["Hello!!", "%69 VD92EX0"], ["base-45", "UJCLQE7W581"], ["ietf!", "QED8WEX0"], ["", ""]]) {
    assert.equal(encodeBase45(new TextEncoder().encode(plain)), text);
    assert.equal(new TextDecoder().decode(decodeBase45(text!)!), plain);
  }
  for (const text of ["GGW", ":::", "BB8A", "BB8::", "BB8V5", "BB8bB8", "BB8B\u00e98", "BB8B,"]) assert.equal(decodeBase45(text), null, text);
});

test("every pass of the shared vectors is judged as it was agreed, and each code is among them", async () => {
  const { bundle, cases } = vectors("pass");
  for (const subtle of ENGINES) {
    const verifier = await Verifier.load(base64(bundle), null, subtle);
    const seen = new Set<string>();
    for (const { name, text, class: place, regime, now, code, cannot_tell } of cases) {
      const answer = await verifier.check(text, { regime, place }, BigInt(now));
      assert.equal(codeOf(answer), code, name);
      assert.equal(answer.kind === "refused" && answer.isCannotTell, cannot_tell, name);
      seen.add(code);
    }
    assert.deepEqual([...seen].sort(), [...CODES, "accepted"].sort());
  }
});

test("a pass with any byte changed, put in or taken out is refused for the same reason", async () => {
  const { bundle, changed } = vectors("pass");
  const verifier = await Verifier.load(base64(bundle), null);
  const whole = decodeBase45(changed.text.slice(4))!;
  let count = 0;
  for (const [code, changes] of Object.entries<[number, number, number[]][]>(changed.codes)) {
    for (const [start, removed, put] of changes) {
      const bytes = [...whole];
      bytes.splice(start, removed, ...put);
      const text = `OZ1:${encodeBase45(new Uint8Array(bytes))}`;
      assert.equal(codeOf(await verifier.check(text, { regime: null, place: 0 }, BigInt(changed.now))), code, `${start} ${removed} ${put}`);
      count += 1;
    }
  }
  assert.equal(count, 855);
});

test("a bundle is taken up, or not, for the same reason", async () => {
  for (const { name, bundle, held, code } of vectors("pass").bundles) {
    const loaded = Verifier.load(base64(bundle), held === null ? null : BigInt(held)).then(
      () => "accepted",
      (error: unknown) => (error instanceof LoadError ? error.code : Promise.reject(error)),
    );
    assert.equal(await loaded, code, name);
  }
});

test("the log's entry of a bundle is the one that was agreed", () => {
  const { bundle, log_entry } = vectors("pass");
  assert.ok(isSame(entryOfBundle(base64(bundle)), base64(log_entry)));
});

test("of the signatures at Ed25519's edges the same 30 are accepted", async () => {
  const { low_order_encodings, cases } = vectors("ed25519-cctv");
  for (const encoding of low_order_encodings) assert.ok(isSmallOrder(hex(encoding)), encoding);
  for (const subtle of ENGINES) {
    const accepted = [];
    for (const { number, key, sig, msg } of cases) {
      const check = await checkOf("Ed25519", hex(key), subtle);
      if (check && (await check(new TextEncoder().encode(msg), hex(sig)))) accepted.push(number);
    }
    assert.deepEqual(accepted, cases.filter((it: any) => it.accepted).map((it: any) => it.number));
    assert.equal(accepted.length, 30);
  }
});

test("the draft's status lists read as they are printed, and none makes more than is announced", async () => {
  const { lists, tokens, public_key } = vectors("token-status-list");
  for (const { name, bits, entries, cbor_hex, non_zero } of lists) {
    const list = listOf(read(hex(cbor_hex)));
    assert.equal(list.bits, bits, name);
    const size = (entries * bits) / 8;
    const bytes = await inflate(list.compressed, size);
    assert.ok(bytes, name);
    for (let index = 0; index < entries; index += 1) assert.equal(statusAt(bytes, bits, BigInt(index)), non_zero[index] ?? 0);
    assert.equal(statusAt(bytes, bits, BigInt(entries)), null);
    assert.equal(await inflate(list.compressed, size - 1), null);
    assert.equal(await inflate(list.compressed, size + 1), null);
    assert.equal(await inflate(concat([list.compressed, [0]]), size), null, "nothing follows it");
  }
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(public_key.x, "base64url"), Buffer.from(public_key.y, "base64url")]);
  const check = await checkOf("ES256", new Uint8Array(point));
  // The third is a JWT, which nothing here reads.
  const signed = tokens.filter((it: any) => it.cose_sign1_hex);
  assert.equal(signed.length, 2);
  for (const { name, cose_sign1_hex, sub } of signed) {
    const message = readMessage(hex(cose_sign1_hex));
    assert.equal(algorithmOf(message.protected.algorithm!), "ES256");
    assert.ok(await check!(message.signed, message.signature), name);
    assert.equal(asText(asMap(read(message.payload), 8).get(2n), 200), sub, name);
  }
});

test("proofs stand or fall under a policy as the Rust reader has it", async () => {
  const { policy, cases } = vectors("tlog-proof");
  const known = await readPolicy(policy);
  for (const { name, proof, entry, accepted } of cases) {
    const holds = await mustBeLogged(known, proof, base64(entry)).then(() => true, () => false);
    assert.equal(holds, accepted, name);
  }
  // The log's own key as that of a witness, and the reverse.
  const [, name, key] = /^log ([^+]+)\+[^+]+\+(.+)$/m.exec(policy)!;
  const bytes = Uint8Array.from(base64(key!), (it, place) => (place === 0 ? 4 : it));
  const id = [...sha256(concat([utf8(name!), [0x0a], bytes])).slice(0, 4)].map((it) => it.toString(16).padStart(2, "0")).join("");
  const own = `witness own ${name}+${id}+${Buffer.from(bytes).toString("base64")}\n`;
  await readPolicy(`${own}quorum own\n`);
  for (const both of [policy.replace("quorum", `${own}quorum`), own + policy]) await assert.rejects(readPolicy(both), /too$/);
  for (const wrong of [policy.replace("quorum both", ""), policy.replace("2 county-1", "4 county-1"), policy.replace("5c3bfd08", "5c3bfd09"), policy.replace("quorum both", "quorum nobody"), `${policy}quorum both\n`]) {
    await assert.rejects(readPolicy(wrong));
  }
});

test("Merkle proofs of others", () => {
  const bytes = (texts: string[] | null): Uint8Array<ArrayBuffer>[] => (texts ?? []).map(base64);
  const { inclusion } = vectors("merkle");
  for (const { name, leafIdx, treeSize, root, leafHash, proof, wantErr } of inclusion) {
    assert.equal(isIncluded(BigInt(leafIdx), BigInt(treeSize), base64(leafHash), bytes(proof), base64(root)), !wantErr, name);
  }
  assert.equal(leafOf(new Uint8Array()).length, 32);
});

test("CBOR reads back as it was written, and no second form passes", () => {
  const { bundle } = vectors("pass");
  const bytes = base64(bundle);
  assert.ok(isSame(write(read(bytes)), bytes));
  // Half a float, no end, a length that is only claimed, text that is not UTF-8, too deep, left over.
  for (const text of ["f90000", "9f01ff", "9b00000000ffffffff", "5bffffffffffffffff", "61ff", "8181818181818181", "0000", "f7", "1c"]) {
    assert.throws(() => read(hex(text)), CborError, text);
  }
  assert.throws(() => asBytes("a"));
});
