// The procedures that ship, drawn by the binary: BPMN that other programs can read and run, and a sound picture.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Engine } from "bpmn-engine";
import { BpmnModdle } from "bpmn-moddle";

const binary = process.env.OLZII_BIN ?? fileURLToPath(new URL("../target/debug/olzii", import.meta.url));
const folder = fileURLToPath(new URL("../procedures/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".toml"));
/** Steps that a run may take before it counts as going round for ever. */
const STEPS_MAX = 40;

function draw(file, format, language) {
  return execFileSync(binary, ["procedure", "draw", folder + file, "--format", format, "--language", language], { encoding: "utf8" });
}

/** The process as nodes and flows, and what its diagram shows. */
async function read(xml) {
  const { rootElement, elementsById, references, warnings } = await new BpmnModdle().fromXML(xml);
  assert.deepEqual(warnings.map((it) => it.message), []);
  assert.ok(references.every((it) => elementsById[it.id]), "every reference leads to something");
  const process = rootElement.rootElements.find((it) => it.$type === "bpmn:Process");
  const flows = process.flowElements.filter((it) => it.$type === "bpmn:SequenceFlow");
  const nodes = process.flowElements.filter((it) => it.$type !== "bpmn:SequenceFlow");
  return { process, flows, nodes, plane: rootElement.diagrams[0].plane };
}

/** Ids of the flows on a shortest way from the start to an end at which a case is closed. */
function wayToTheEnd({ nodes, flows }, end) {
  const ways = [["start", []]];
  const seen = new Set(["start"]);
  for (const [at, way] of ways) {
    if (at === end) return way;
    for (const flow of flows.filter((it) => it.sourceRef.id === at && !seen.has(it.targetRef.id))) {
      seen.add(flow.targetRef.id);
      ways.push([flow.targetRef.id, [...way, flow.id]]);
    }
  }
  assert.fail(`no way to ${end} among ${nodes.length} nodes`);
}

/** Runs the process, signalling each user task, and takes `way` where there is a choice. Ids of what was entered. */
async function run(xml, way) {
  const entered = [];
  const engine = new Engine({
    source: xml,
    variables: { class_limit: "P3D" },
    // The condition of a flow is the transition's id: here those on the way hold.
    scripts: {
      register() {},
      getScript: (_, flow) => ({ execute: (_scope, next) => next(null, way.includes(flow.id)) }),
    },
  });
  engine.broker.subscribeTmp("event", "activity.#", (routingKey, { content }) => {
    if (routingKey === "activity.enter") entered.push(content.id);
    // The window of a closed case is over at once.
    if (routingKey === "activity.timer" && content.id.startsWith("until_")) {
      setImmediate(() => engine.execution.cancelActivity({ id: content.id, executionId: content.executionId }));
    }
    if (routingKey === "activity.wait" && content.type === "bpmn:UserTask") {
      assert.ok(entered.length < STEPS_MAX, `goes round: ${entered}`);
      setImmediate(() => engine.execution.signal({ id: content.id, executionId: content.executionId }));
    }
  }, { noAck: true });
  await engine.execute();
  if (engine.state === "running") await engine.waitFor("end");
  return entered;
}

test("seven procedures ship", () => {
  assert.deepEqual(files, ["city-event.toml", "compound-repair.toml", "emergency-task.toml", "pass-appeal.toml", "public-request.toml", "safety-hazard.toml", "support-task.toml"]);
});

for (const file of files) {
  for (const language of ["zh-Hans", "en"]) {
    test(`${file} is BPMN that is read without warning and shown whole, in ${language}`, async () => {
      const { process, nodes, flows, plane } = await read(draw(file, "bpmn", language));
      const shown = new Set(plane.planeElement.map((it) => it.bpmnElement.id));
      for (const it of [...nodes, ...flows, ...process.laneSets[0].lanes]) assert.ok(shown.has(it.id), `${it.id} is not drawn`);
      assert.ok(plane.planeElement.every((it) => it.bounds ?? it.waypoint.length >= 2));
      assert.deepEqual(process.laneSets[0].lanes.flatMap((it) => it.flowNodeRef ?? []).map((it) => it.id).sort(), nodes.map((it) => it.id).sort());
      const boxes = plane.planeElement.filter((it) => /Task|Event|Gateway/.test(it.bpmnElement.$type) && it.bpmnElement.$type !== "bpmn:BoundaryEvent").map((it) => it.bounds);
      const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      boxes.forEach((a, index) => boxes.slice(index + 1).forEach((b) => assert.ok(apart(a, b), `${JSON.stringify([a, b])} overlap`)));
      assert.ok(nodes.some((it) => it.$type === "bpmn:BoundaryEvent"), "its clocks are timers");
    });
  }

  test(`${file} runs in bpmn-engine from its start to an end`, async () => {
    const xml = draw(file, "bpmn", "en");
    const graph = await read(xml);
    const way = wayToTheEnd(graph, "stage_closed");
    const entered = await run(xml, way);
    const stages = way.map((id) => graph.flows.find((it) => it.id === id).targetRef.id);
    assert.deepEqual(entered.filter((id) => stages.includes(id)), stages);
    assert.equal(entered.at(-1), "stage_closed");
  });

  test(`${file} leads from its end back to work where it may be opened again`, async () => {
    const { nodes, flows } = await read(draw(file, "bpmn", "en"));
    const opens = readFileSync(folder + file, "utf8").includes("within = ");
    const window = nodes.find((it) => it.id === "window_closed");
    assert.equal(Boolean(window), opens);
    if (!opens) return;
    assert.equal(window.$type, "bpmn:EventBasedGateway");
    const ways = flows.filter((it) => it.sourceRef === window).map((it) => it.targetRef);
    assert.deepEqual(ways.map((it) => it.eventDefinitions[0].$type).sort().at(-1), "bpmn:TimerEventDefinition");
    for (const way of ways.filter((it) => it.eventDefinitions[0].$type === "bpmn:MessageEventDefinition")) {
      const [back] = flows.filter((it) => it.sourceRef === way);
      assert.equal(back.targetRef.$type, "bpmn:UserTask");
    }
  });

  test(`${file} is a picture on which no text lies over another`, async () => {
    for (const language of ["zh-Hans", "en"]) {
      const svg = draw(file, "svg", language);
      const texts = [...svg.matchAll(/<text class="([\w-]+)"(?: text-anchor="(\w+)")? x="([\d.]+)" y="([\d.]+)">([^<]*)</g)];
      assert.ok(texts.length > 10 && !svg.includes("<script"));
      const places = texts.map(([, kind, anchor, x, y, words]) => {
        const size = { title: 16, heading: 24, "step-number": 13 }[kind] ?? 12;
        const width = [...words].reduce((sum, it) => sum + (it > "\u2e80" ? 1 : 0.5), 0) * size;
        const left = Number(x) - ({ middle: width / 2, end: width }[anchor ?? (kind === "step-number" ? "middle" : "start")] ?? 0);
        return { words, left, right: left + width, top: Number(y) - size * 0.8, bottom: Number(y) + 2 };
      });
      const [, width] = /width="(\d+)"/.exec(svg);
      const boxes = [...svg.matchAll(/<rect class="box[^>]* x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)];
      for (const [, x, y, w, h] of boxes.map((it) => it.map(Number))) {
        for (const it of places.filter((it) => it.left > x && it.left < x + w && it.top > y && it.bottom < y + h)) {
          assert.ok(it.right <= x + w, `${it.words} sticks out of its box`);
        }
      }
      for (const [index, a] of places.entries()) {
        assert.ok(a.left >= 0 && a.right <= Number(width), `${a.words} sticks out`);
        for (const b of places.slice(index + 1)) {
          const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
          assert.ok(apart, `${a.words} and ${b.words}`);
        }
      }
    }
  });
}
