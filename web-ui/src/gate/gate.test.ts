import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import { Verifier } from "../pass/verify";
import { Looks } from "./look";
import { Clock, secondsBehind } from "./clock";
import { isMeant } from "./question";
import { toldOf } from "./sync";
import { cannotTell, verdictOf } from "./verdict";

// Browsers have it; Node 18, which Debian 12 ships, does not.
globalThis.crypto ??= webcrypto as Crypto;

test("nothing but an accepted pass is green, and what is not known is yellow and never red", async () => {
  const { bundle, cases } = JSON.parse(readFileSync("../data/vectors/pass.json", "utf8"));
  const verifier = await Verifier.load(new Uint8Array(Buffer.from(bundle, "base64")), null);
  const tones = new Map<string | null, Set<string>>();
  for (const { text, class: place, regime, now, code, cannot_tell } of cases) {
    const { tone, outcome } = verdictOf(await verifier.check(text, { regime, place }, BigInt(now)), regime);
    assert.equal(tone, code === "accepted" ? "green" : cannot_tell ? "yellow" : "red");
    tones.set(outcome, (tones.get(outcome) ?? new Set()).add(tone));
  }
  for (const [outcome, seen] of tones) assert.equal(seen.size, 1, `${outcome} has one colour, by which the office counts it`);
  assert.ok(tones.has("refused") && !tones.has("revoked") && !tones.has("expired"), "what is told of a genuine pass is not counted apart");
  assert.equal(cannotTell("clock").tone, "yellow");
  const counted = (["clock", "no-list", "joining", "ended"] as const).map((it) => cannotTell(it).outcome);
  assert.deepEqual(counted, ["clock", "no-list", "no-list", null], "each as what it is, and nothing after the end");
});

test("a green pass says what can be compared with a card, and a refused one says nothing of its bearer", async () => {
  const { bundle, cases } = JSON.parse(readFileSync("../data/vectors/pass.json", "utf8"));
  const verifier = await Verifier.load(new Uint8Array(Buffer.from(bundle, "base64")), null);
  const of = async (wanted: string) => {
    const { text, class: place, regime, now } = cases.find(({ name }: { name: string }) => name === wanted);
    return verdictOf(await verifier.check(text, { regime, place }, BigInt(now)), regime);
  };
  assert.equal((await of("good, Ed25519")).bearer, "王*  ····4321");
  assert.equal((await of("good, a hint alone")).bearer, "A*");
  assert.equal((await of("good, for anybody")).bearer, "");
  assert.equal((await of("revoked")).bearer, "");
  assert.equal((await of("good, Ed25519")).order, "", "its own order stands on the screen already");
  assert.equal((await of("good at the gate of another order")).order, "Without a list");
  assert.equal((await of("good, where no order is asked for")).order, "Without a list");
  assert.notEqual((await of("good, where no order is asked for")).kinds.length, 0, "nor its places, where none was asked for");
  assert.deepEqual((await of("good, Ed25519")).kinds, []);
});

test("a code that is held up is one look, and another one after some seconds", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const looks = new Looks();
  assert.deepEqual(["a", "a", "b", "a"].map((it) => looks.see(it)), ["new", "same", "new", "new"]);
  mock.timers.tick(7_000);
  assert.equal(looks.see("a"), "same", "it was held up all the while");
  mock.timers.tick(7_000);
  assert.equal(looks.see("a"), "same");
  looks.change();
  assert.deepEqual([looks.see("a"), looks.see("a")], ["anew", "anew"], "until it was judged by what is known now");
  looks.judge();
  assert.equal(looks.see("a"), "same");
  mock.timers.tick(9_000);
  assert.equal(looks.see("a"), "new");
  mock.timers.reset();
});

test("a question is answered by a finger or by keys that were meant, and not by the Enter that ends a code", () => {
  assert.ok(isMeant(1, 0), "a press");
  assert.ok(isMeant(0, 5_000), "the space bar, after Tab");
  assert.ok(!isMeant(0, 0) && !isMeant(0, 200), "a scanner's Enter, or its space");
});

test("a clock is compared with what an answer says, if it says anything", () => {
  const answer = (date?: string) => new Response(null, date === undefined ? {} : { headers: { date } });
  assert.equal(secondsBehind(answer("Fri, 15 Jan 2027 08:00:00 GMT"), 1_800_000_000), 0);
  assert.equal(secondsBehind(answer("Fri, 15 Jan 2027 08:02:01 GMT"), 1_800_000_000), 121);
  assert.equal(secondsBehind(answer(), 1_800_000_000), null);
  assert.equal(secondsBehind(answer("soon"), 1_800_000_000), null);
});

test("a clock that is wrong is known to be until it is set or the city says otherwise, also after the page is loaded anew", () => {
  const day = 1_800_000_000;
  let [phone, ticks] = [day, 0];
  const clock = new Clock(() => phone, () => ticks);
  const pass = (seconds: number): void => void ([phone, ticks] = [phone + seconds, ticks + seconds]);
  const city = (seconds: number): void => clock.hear(new Response(null, { headers: { date: new Date(seconds * 1000).toUTCString() } }));
  assert.equal(clock.isWrong, false);
  city(day - 3600);
  assert.equal(clock.isWrong, true, "it is ahead");
  const anew = new Clock(() => phone, () => 0);
  anew.takeUp(clock.state);
  assert.equal(anew.isWrong, true, "what was measured is kept");
  pass(60);
  phone -= 3600;
  assert.equal(clock.isWrong, false, "it was set right, without a network");
  phone -= 7200;
  assert.equal(clock.isWrong, true, "and wrong again");
  city(phone);
  assert.equal(clock.isWrong, false, "the city's word goes before");
  // A phone that slept is no less right for it, and one that is set on by mistake can be set back.
  phone += 8 * 3600;
  assert.equal(clock.isWrong, false);
  phone -= 3 * 3600;
  assert.equal(clock.isWrong, true, "an hour that was seen comes not again");
  phone += 3 * 3600;
  assert.equal(clock.isWrong, false);
  city(phone + 3600);
  assert.equal(clock.isWrong, true, "it is behind");
  phone += 3600;
  assert.equal(clock.isWrong, false, "it was set right");
  for (let step = 0; step < 100; step += 1) {
    pass(5);
    phone -= 2;
    assert.equal(clock.isWrong, false, "a clock that drifts was not set");
  }
});

test("only the city's own word lets counts go", async () => {
  const place = { name: "North gate", regime: 12, place: 0, end: 1_800_000_000, number: 1 };
  const answer = (status: number, type: string, body: unknown, headers: Record<string, string> = {}) =>
    toldOf(new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers: { "content-type": type, ...headers } }));
  const [json, problem] = ["application/json", "application/problem+json"];
  assert.deepEqual(await answer(200, json, place), { kind: "taken", place });
  assert.equal((await answer(404, problem, {})).kind, "gone");
  for (const status of [409, 422]) assert.equal((await answer(status, problem, {})).kind, "refused");
  // A hotel's page, a gateway's, a city that is being put in order: all of them are asked again.
  const others = [answer(200, "text/html", "<h1>Sign in to the network</h1>"), answer(200, json, "cut o"), answer(200, json, { ok: true }), answer(200, json, "null"), answer(404, "text/html", "no"), answer(409, "text/html", "no"), answer(403, "text/html", "no"), answer(413, problem, {}), answer(503, problem, {}), toldOf(null)];
  for (const it of await Promise.all(others)) assert.deepEqual(it, { kind: "later", seconds: 0 });
  assert.deepEqual(await answer(429, problem, {}, { "retry-after": "40" }), { kind: "later", seconds: 40 });
  assert.deepEqual(await answer(429, problem, {}, { "retry-after": "Fri, 15 Jan 2027 08:00:00 GMT" }), { kind: "later", seconds: 0 });
});
