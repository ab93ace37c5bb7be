import { outcomeOf } from "./outbox";

/** What a form that asked for a page was answered with. */
export interface PageAnswer {
  readonly status: number;
  /** It led on to another address. */
  readonly redirected: boolean;
  /** Path at which it ended. */
  readonly path: string;
  /** Account for which the page was made; empty for nobody, null when it is no page of the city. */
  readonly account: string | null;
}

/**
 * `taken`: it is done, and led on. `shown`: a page to look at, with what is wrong or what was asked for.
 * `later`: nobody said no. `sign-in`: nobody is signed in. `other-account`: somebody else is by now, and it was not taken.
 */
export type PageOutcome = "taken" | "shown" | "later" | "sign-in" | "other-account";

/**
 * What came of a form of the account `own`, empty for nobody. Being led on says nothing by itself: the page for signing in
 * is led to as well, and a portal leads on to its own. For whom the page was made says it.
 */
export function outcomeOfPage({ status, redirected, path, account }: PageAnswer, own: string): PageOutcome {
  if (status === 401) return account && account !== own ? "other-account" : "sign-in";
  if (status < 200 || status >= 300) {
    return outcomeOf(status, null) === "later" ? "later" : "shown";
  }
  // A portal answers for everything.
  if (account === null) return "later";
  if (path === "/sign-in" || (own !== "" && account === "")) return "sign-in";
  if (own !== "" && account !== own) return "other-account";
  return redirected ? "taken" : "shown";
}

/** What a page that refuses says, in a line: its title, and the sentences that explain it. */
export function reasonOfPage(title: string | null, sentences: readonly (string | null)[], status: number): string {
  const said = [title, ...sentences].map((it) => it?.replace(/\s+/g, " ").trim() ?? "").filter((it) => it !== "");
  return said.length > 0 ? said.join(" · ") : String(status);
}
