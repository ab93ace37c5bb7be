import { holdsWriting } from "./lib/written";

type Enhance = (root: ParentNode) => void;

const CASE = /^\/cases\/[0-9a-f-]{36}$/;

function panelOf(inside: Element): HTMLElement | null {
  return inside.closest<HTMLElement>("[data-panel-body]");
}

/** Whether what stands there was opened beside a page; a form in it leaves that page where it is. */
export function isInPanel(inside: Element): boolean {
  return panelOf(inside) !== null;
}

/** The main part of `page` in place of what the panel around `inside` shows. */
export function fillPanel(inside: Element, page: Document, enhance: Enhance): void {
  const [body, main] = [panelOf(inside), page.querySelector("main")];
  if (!body || !main) return;
  body.replaceChildren(...[...main.childNodes].map((node) => document.adoptNode(node)));
  body.removeAttribute("aria-busy");
  enhance(body);
  (body.querySelector<HTMLElement>(".error-summary") ?? body).focus();
  body.scrollTop = 0;
}

class Panel {
  private readonly body: HTMLElement;
  private opener: HTMLElement | null = null;
  private address = "";

  constructor(
    private readonly panel: HTMLElement,
    private readonly enhance: Enhance,
  ) {
    this.body = panel.querySelector<HTMLElement>("[data-panel-body]")!;
    panel.querySelector("[data-panel-close]")?.addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => {
      // With Escape people give up a candidate of their input method, too; and what is half written only the button closes.
      if (event.key !== "Escape" || event.isComposing || this.panel.hidden) return;
      if (!document.querySelector("dialog[open]") && !holdsWriting(this.body)) this.close();
    });
  }

  async open(link: HTMLAnchorElement): Promise<void> {
    this.opener = link;
    this.address = new URL(link.href).pathname;
    this.panel.hidden = false;
    this.body.setAttribute("aria-busy", "true");
    this.panel.querySelector<HTMLAnchorElement>("[data-panel-page]")!.href = this.address;
    const asked = this.address;
    const response = await fetch(asked, { headers: { accept: "text/html" }, credentials: "same-origin" }).catch(() => null);
    // Another one was opened meanwhile.
    if (asked !== this.address || this.panel.hidden) return;
    const isFailed = !response || response.redirected || response.status >= 500;
    this.panel.querySelector<HTMLElement>("[data-panel-failed]")!.hidden = !isFailed;
    this.body.removeAttribute("aria-busy");
    if (isFailed) this.body.replaceChildren();
    else fillPanel(this.body, new DOMParser().parseFromString(await response.text(), "text/html"), this.enhance);
  }

  close(): void {
    this.panel.hidden = true;
    this.body.replaceChildren();
    // The list was read again meanwhile: the same case may stand in another row.
    const again = document.querySelector<HTMLElement>(`[data-panel-links] a[href="${CSS.escape(this.address)}"]`);
    (this.opener?.isConnected ? this.opener : again)?.focus();
  }
}

/** `<aside data-panel hidden>` shows the cases to which links in `[data-panel-links]` lead; without it they are pages. */
export function enhancePanel(page: Document, enhance: Enhance): void {
  const element = page.querySelector<HTMLElement>("[data-panel]");
  if (!element) return;
  const panel = new Panel(element, enhance);
  page.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0 || !(event.target instanceof Element)) return;
    const link = event.target.closest<HTMLAnchorElement>("[data-panel-links] a[href]");
    if (!link || !CASE.test(new URL(link.href).pathname)) return;
    event.preventDefault();
    void panel.open(link);
  });
}
