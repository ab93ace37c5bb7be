import assert from "node:assert/strict";
import { test } from "node:test";
import { selectorOf } from "./focus";

const door = (until: number) => ({ key: "today-1", id: "", href: `/command/cases?area=1509&what=received&from=0&until=${until}` });

test("a door whose address names the moment is found again a moment later", () => {
  assert.equal(selectorOf(door(1)), selectorOf(door(2)));
  assert.equal(selectorOf(door(1)), '[data-focus="today-1"]');
});

test("a button is found by its key, anything by its id, another link by its address", () => {
  assert.equal(selectorOf({ key: "supervise /cases/1", id: "", href: null }), '[data-focus="supervise /cases/1"]');
  assert.equal(selectorOf({ id: "wall-today", href: null }), '[id="wall-today"]');
  assert.equal(selectorOf({ id: "", href: '/cases?q="\\' }), 'a[href="/cases?q=\\"\\\\"]');
  assert.equal(selectorOf({ id: "", href: null }), null);
});
