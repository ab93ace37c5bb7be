import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, pan, scaleBar, toDegrees, toPixel, zoom, type View } from "./view";

const size = { width: 320, height: 280 };
const view: View = { longitude: 113.1, latitude: 41.0, scale: 1e-3, narrowing: 0.75 };
const near = (left: readonly number[], right: readonly number[]): void =>
  left.forEach((value, index) => assert.ok(Math.abs(value - right[index]!) < 1e-9, `${left} is not ${right}`));

test("pixels and degrees lead back to each other", () => {
  for (const at of [[0, 0], [160, 140], [319, 12]] as const) near(toPixel(view, size, toDegrees(view, size, at)), at);
});

test("what a finger is on stays under it while the map comes nearer", () => {
  const at = [40, 250] as const;
  near(toDegrees(zoom(view, size, 0.5, at), size, at), toDegrees(view, size, at));
});

test("a drag carries the map along", () => {
  near(toPixel(pan(view, 30, -20), size, toDegrees(view, size, [100, 100])), [130, 80]);
});

test("an area that is fitted is seen whole", () => {
  const whole = fit([112.9, 40.8, 113.4, 41.2], size);
  for (const corner of [[112.9, 40.8], [113.4, 41.2]] as const) {
    const [x, y] = toPixel(whole, size, corner);
    assert.ok(x >= 0 && x <= size.width && y >= 0 && y <= size.height);
  }
});

test("the scale bar says a round length", () => {
  const { metres, pixels } = scaleBar(view, 100);
  assert.equal(metres, 10_000);
  assert.ok(pixels <= 100);
});
