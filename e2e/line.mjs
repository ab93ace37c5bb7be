// A line between browser and server that can be cut, slowed, or made to lose answers, below anything a browser emulates.
import { connect, createServer } from "node:net";

/**
 * A proxy on a port of its own. `lost` counts answers that the server gave and nobody got, `halves` forms that were cut off
 * after `cutsFormsAt` bytes. `bytesPerSecond` is what it carries to the server.
 */
export async function openLine(base) {
  const target = new URL(base);
  const whole = { isCut: false, losesAnswers: false, delayMs: 0, cutsFormsAt: Infinity, bytesPerSecond: Infinity };
  const line = { ...whole, lost: 0, halves: 0, sockets: new Set() };
  const server = createServer((near) => {
    if (line.isCut) return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    let isChange = false;
    let carried = 0;
    for (const [one, other] of [[near, far], [far, near]]) {
      line.sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        line.sockets.delete(one);
        other.destroy();
      });
    }
    near.on("data", (bytes) => {
      const method = /^(GET|POST) /.exec(bytes.subarray(0, 5).toString("latin1"))?.[1];
      if (method) [isChange, carried] = [method === "POST", 0];
      carried += bytes.length;
      if (isChange && carried > line.cutsFormsAt) {
        line.halves += 1;
        far.write(bytes.subarray(0, bytes.length - (carried - line.cutsFormsAt)), () => near.destroy());
        return;
      }
      far.write(bytes);
      if (line.bytesPerSecond === Infinity) return;
      near.pause();
      setTimeout(() => near.resume(), (bytes.length / line.bytesPerSecond) * 1000);
    });
    far.on("data", (bytes) => {
      if (isChange && line.losesAnswers) {
        line.lost += 1;
        near.destroy();
      } else if (line.delayMs) setTimeout(() => near.write(bytes), line.delayMs);
      else near.write(bytes);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  line.base = `http://127.0.0.1:${server.address().port}`;
  line.cut = () => {
    line.isCut = true;
    for (const socket of line.sockets) socket.destroy();
  };
  line.mend = () => Object.assign(line, whole);
  line.close = () => {
    line.cut();
    return new Promise((resolve) => server.close(resolve));
  };
  return line;
}
