// Open verification: anybody's look at a pass. All of it happens here; only what is known of passes is fetched.
import { Verifier } from "../pass/verify";
import { Camera } from "./camera";
import { fetchBundle, fetchPolicy } from "./known";
import { Page } from "./page";
import { Panel } from "./panel";
import { Reader } from "./reader";
import { allowSound } from "./signal";
import { cannotTell, verdictOf } from "./verdict";
import { Speaker } from "./words";

export class OpenVerification extends Page {
  private readonly speaker = Speaker.of(document);
  private readonly camera: Camera;
  private readonly panel: Panel;
  private verifier: Verifier | null = null;
  private text = "";

  constructor(root: HTMLElement) {
    super(root);
    this.camera = new Camera(this.part<HTMLVideoElement>("video"));
    this.panel = new Panel(this.part("verdict"), this.speaker, "open");
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
    const policy = await fetchPolicy();
    const fetched = policy === null ? null : await fetchBundle(policy, null);
    if (fetched?.kind === "taken") this.verifier = fetched.verifier;
    const now = Math.floor(Date.now() / 1000);
    const time = this.verifier ? this.speaker.moment(Number(this.verifier.issuedAt), now) : "";
    this.say("list", this.speaker.say(this.verifier ? "list-from" : fetched?.kind === "refused" ? "list-refused" : fetched?.kind === "unreadable" ? "list-unreadable" : "list-none", { time }));
    const kinds = this.part<HTMLSelectElement>("kind");
    for (const regime of this.verifier?.regimes ?? []) {
      const group = document.createElement("optgroup");
      group.label = regime.title;
      regime.scopes.forEach((name, place) => group.append(new Option(name, `${regime.number}:${place}`)));
      kinds.append(group);
    }
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
    const [regime, place] = kind === "" ? [null, null] : kind.split(":").map(Number);
    const answer = await this.verifier?.check(text, { regime: regime ?? null, place: place ?? null }, BigInt(now));
    this.panel.show(answer ? verdictOf(answer, regime ?? null) : cannotTell("no-list"), now, false);
  }
}
