// Instants are microseconds since 1970, days are whole days since 1970: both are exact numbers.

export const HOUR = 3_600_000_000;
export const DAY = 24 * HOUR;

export interface Moment {
  readonly at: number;
  /** The calendar day of the instant in its own offset. */
  readonly day: number;
  readonly year: number;
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):([0-5]\d))$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

/** An RFC 3339 instant, or undefined if the text is none. */
export function parseInstant(text: string): Moment | undefined {
  const parts = INSTANT.exec(text);
  if (parts === null) return undefined;
  const day = dayNumber(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  const [hours, minutes, seconds] = [Number(parts[4]), Number(parts[5]), Number(parts[6])];
  const [offsetHours, offsetMinutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  if (day === undefined || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  if (offsetHours > 23) return undefined;
  const offset = (parts[8] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  const micros = Number((parts[7] ?? "").slice(0, 6).padEnd(6, "0"));
  const wall = ((hours * 60 + minutes - offset) * 60 + seconds) * 1_000_000;
  return { at: day * DAY + wall + micros, day, year: Number(parts[1]) };
}

/** The instant of a text that must be one. */
export function instant(text: string): number {
  const moment = parseInstant(text);
  if (moment === undefined) throw new Error(`not an instant with an offset: ${text}`);
  return moment.at;
}

/** A date as a day number, or undefined if the text is none. */
export function parseDay(text: string): number | undefined {
  const parts = DATE.exec(text);
  return parts === null ? undefined : dayNumber(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

/** The day of a text that must be a date. */
export function day(text: string): number {
  const found = parseDay(text);
  if (found === undefined) throw new Error(`not a date: ${text}`);
  return found;
}

function dayNumber(year: number, month: number, dayOfMonth: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, dayOfMonth);
  const exists = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth;
  return exists ? Math.floor(date.getTime() / 86_400_000) : undefined;
}
