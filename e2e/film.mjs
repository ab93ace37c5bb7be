// What a camera at a gate sees: QR codes held up one after the other, some in bad light, as a file for Chromium's fake camera.
import encodeQR from "qr";
import { closeSync, openSync, writeSync } from "node:fs";

const WIDTH = 640;
const HEIGHT = 480;
const MODULE_PX = 7;
const WALL = 96;

/** Brightness of each point, a code in the middle of a grey wall. */
function scene(text) {
  const luma = Buffer.alloc(WIDTH * HEIGHT, WALL);
  if (text === null) return luma;
  const rows = encodeQR(text, "raw", { border: 4 });
  const start = [WIDTH, HEIGHT].map((edge) => Math.floor((edge - rows.length * MODULE_PX) / 2));
  for (let y = 0; y < rows.length * MODULE_PX; y += 1) {
    for (let x = 0; x < rows.length * MODULE_PX; x += 1) {
      const isDark = rows[Math.floor(y / MODULE_PX)][Math.floor(x / MODULE_PX)];
      luma[(start[1] + y) * WIDTH + start[0] + x] = isDark ? 20 : 235;
    }
  }
  return luma;
}

/** Dusk: little contrast, and one side darker than the other. */
export function dim(luma) {
  return luma.map((it, index) => 40 + (it * 0.22) * (0.6 + 0.4 * ((index % WIDTH) / WIDTH)));
}

/** Out of focus: each point is the mean of those around it. */
export function blurred(luma, reach = 2) {
  let from = luma;
  for (const step of [1, WIDTH]) {
    const to = Buffer.from(from);
    for (let index = reach * step; index < from.length - reach * step; index += 1) {
      let sum = 0;
      for (let at = -reach; at <= reach; at += 1) sum += from[index + at * step];
      to[index] = sum / (2 * reach + 1);
    }
    from = to;
  }
  return from;
}

/** The low winter sun falls across the code. */
export function glare(luma) {
  return luma.map((it, index) => Math.min(255, it + 90 * Math.max(0, 1 - Math.abs((index % WIDTH) - Math.floor(index / WIDTH) - 60) / 160)));
}

/** Half a second a frame; each scene is seen for two seconds, and the wall for one before it. */
export function film(path, scenes) {
  const file = openSync(path, "w");
  writeSync(file, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F2:1 Ip A1:1 C420jpeg\n`);
  const colourless = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frame = (luma) => [Buffer.from("FRAME\n"), luma, colourless].forEach((it) => writeSync(file, it));
  for (const { text, light = (it) => it } of scenes) {
    for (let count = 0; count < 2; count += 1) frame(scene(null));
    const seen = light(scene(text));
    for (let count = 0; count < 4; count += 1) frame(seen);
  }
  closeSync(file);
}
