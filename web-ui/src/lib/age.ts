type Unit = "second" | "minute" | "hour" | "day" | "month" | "year";
const STEPS: ReadonlyArray<readonly [Unit, number]> = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 minutes ago", "in 2 hours" in the page's language; `seconds` is negative for the past. */
export function relative(seconds: number, locale: string): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return words.format(Math.trunc(seconds), "second");
}
