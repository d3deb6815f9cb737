// What the patient reads.

import type { Bundle, Country, Finding, Texts } from "./bundle.js";
import { counting } from "./evaluate.js";
import { byText } from "./symptoms.js";

export interface PatientMessage {
  readonly level: string;
  readonly action: string;
  readonly title: string;
  readonly message: string;
  readonly emergencyNumber: string;
}

/** The one finding to speak of: the highest that counts, and of these the first by name. */
export function speaking(bundle: Bundle, findings: readonly Finding[]): Finding | undefined {
  const rank = (finding: Finding): number => bundle.levels.findIndex((level) => level.code === finding.level);
  return [...counting(bundle, findings)].sort((a, b) => rank(b) - rank(a) || byText(a.rule, b.rule))[0];
}

/** The words of a finding; a country that is not listed has the default number. */
export function message(bundle: Bundle, finding: Finding, country: string, language: string): PatientMessage {
  const texts = textsIn(bundle, language);
  const words = finding.late ? texts.late : texts.messages[finding.rule];
  const level = bundle.levels.find((one) => one.code === finding.level);
  if (words === undefined || level === undefined) throw new Error(`the bundle has no words for ${finding.rule}`);
  const { emergency, urgent_advice: advice } = numbersOf(bundle, country);
  return {
    level: finding.level,
    action: level.action,
    title: words.title,
    message: words.message
      .replaceAll("{emergency_number}", emergency)
      .replaceAll("{urgent_number}", advice ?? texts.urgent_contact),
    emergencyNumber: emergency,
  };
}

function numbersOf(bundle: Bundle, country: string): Pick<Country, "emergency" | "urgent_advice"> {
  const { countries, default: everywhere } = bundle.emergency_numbers;
  return countries.find((one) => one.code === country.toUpperCase()) ?? { emergency: everywhere };
}

function textsIn(bundle: Bundle, language: string): Texts {
  const base = (language.split("-")[0] ?? "").toLowerCase();
  const texts = bundle.texts[base] ?? bundle.texts["en"] ?? Object.values(bundle.texts)[0];
  if (texts === undefined) throw new Error("the bundle has no texts");
  return texts;
}
