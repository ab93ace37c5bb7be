// Open verification: anybody's look at a pass. All of it happens here; only what is known of passes is fetched.
import { Verifier } from "../pass/verify";
import { Camera } from "./camera";
import { POLICY, fetchBundle, fetchWithin } from "./known";
import { Panel } from "./panel";
import { Reader } from "./reader";
import { allowSound } from "./signal";
import { cannotTell, verdictOf } from "./verdict";
import { Speaker } from "./words";

export class OpenVerification {
  private readonly speaker = Speaker.of(document);
  private readonly camera: Camera;
  private readonly panel: Panel;
  private verifier: Verifier | null = null;
  private text = "";

  constructor(private readonly root: HTMLElement) {
    this.camera = new Camera(this.part<HTMLVideoElement>("video"));
    this.panel = new Panel(this.part("verdict"), this.speaker, "open");
  }

  private part<T extends HTMLElement = HTMLElement>(name: string): T {
    return this.root.querySelector<T>(`[data-gate-${name}]`)!;
  }

  async start(): Promise<void> {
    this.part("begin").addEventListener("click", () => void this.begin());
    this.part<HTMLInputElement>("file").addEventListener("change", (event) => void this.file(event.target as HTMLInputElement));
    this.part<HTMLFormElement>("typed").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.look(this.part<HTMLTextAreaElement>("input").value.trim());
    });
    this.part<HTMLSelectElement>("kind").addEventListener("change", () => void this.look(this.text));
    await this.load();
    this.root.dataset["ready"] = "";
  }

  private async load(): Promise<void> {
    const policy = await fetchWithin(POLICY);
    const fetched = policy?.ok ? await fetchBundle(await policy.text(), null) : null;
    if (fetched?.kind === "taken") this.verifier = fetched.verifier;
    const now = Math.floor(Date.now() / 1000);
    const time = this.verifier ? this.speaker.moment(Number(this.verifier.issuedAt), now) : "";
    this.say("list", this.speaker.say(this.verifier ? "list-from" : fetched?.kind === "refused" ? "alarm-log" : "list-none", { time }));
    const kinds = this.part<HTMLSelectElement>("kind");
    for (const regime of this.verifier?.regimes ?? []) {
      const group = document.createElement("optgroup");
      group.label = regime.title;
      regime.scopes.forEach((name, place) => group.append(new Option(name, String(place))));
      kinds.append(group);
    }
  }

  private say(name: string, text: string): void {
    const place = this.part(name);
    place.textContent = text;
    place.hidden = text === "";
  }

  private async begin(): Promise<void> {
    allowSound();
    this.part("video").hidden = false;
    const fault = await this.camera.start(async (text) => {
      this.camera.stop();
      this.part("video").hidden = true;
      await this.look(text);
    });
    this.part("video").hidden = fault !== null;
    this.say("camera", fault ? this.speaker.say(`camera-${fault}`) : "");
  }

  private async file(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    const text = await (await Reader.make()).file(file);
    this.say("camera", text === null ? this.speaker.say("no-code") : "");
    if (text === null) this.panel.clear();
    else await this.look(text);
    input.value = "";
  }

  private async look(text: string): Promise<void> {
    this.text = text;
    if (text === "") return;
    const now = Math.floor(Date.now() / 1000);
    const kind = this.part<HTMLSelectElement>("kind").value;
    const answer = await this.verifier?.check(text, kind === "" ? null : Number(kind), BigInt(now));
    this.panel.show(answer ? verdictOf(answer) : cannotTell("no-list"), now, false);
  }
}
