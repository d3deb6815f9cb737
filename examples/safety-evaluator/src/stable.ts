// How far a clinician's word reaches that a symptom is known and stable.

import { constant, passes } from "./attributes.js";
import type { AttributeTest, Bundle, StableWord } from "./bundle.js";
import type { Symptom } from "./symptoms.js";
import { DAY, instant } from "./time.js";

interface Word {
  readonly symptom: string;
  readonly side: string;
  readonly at: number;
  readonly ends: number;
}

export class KnownToClinician {
  readonly #bundle: Bundle;
  readonly #rules;
  readonly #words: readonly Word[];
  readonly #present: readonly Symptom[];

  constructor(bundle: Bundle, words: readonly StableWord[], present: readonly Symptom[]) {
    this.#bundle = bundle;
    this.#rules = bundle.reading.known_stable;
    this.#present = present;
    const length = constant(bundle.constants, this.#rules.days) * DAY;
    this.#words = words.map((word) => {
      const at = instant(word.at);
      const expires = word.expires_at === undefined ? Infinity : instant(word.expires_at);
      return { symptom: word.symptom, side: word.side ?? "", at, ends: Math.min(at + length, expires) };
    });
  }

  /** Covered by any word. */
  covers(symptom: Symptom): boolean {
    return this.#words.some((word) => this.#reaches(word, symptom));
  }

  /** Covered by a word that was given before the report arrived. */
  coveredOnArrival(symptom: Symptom): boolean {
    return this.#words.some((word) => word.at < symptom.receivedAt && this.#reaches(word, symptom));
  }

  #reaches(word: Word, symptom: Symptom): boolean {
    if (word.symptom !== symptom.code) return false;
    const wasSeen = symptom.receivedAt <= word.at;
    const isInTime = wasSeen || (word.at <= symptom.occurredAt && symptom.occurredAt < word.ends);
    return isInTime && this.#isNoWorse(word, symptom, wasSeen);
  }

  #isNoWorse(word: Word, symptom: Symptom, wasSeen: boolean): boolean {
    const rules = this.#rules;
    const before = this.#lastSeen(word);
    const side = this.#sideOf(symptom);
    const covered = word.side || (before === undefined ? "" : this.#sideOf(before));
    if (!rules.sided_codes.includes(symptom.code)) {
      return (covered === "" || covered === side) && !this.#anyPasses(rules.alarming, symptom);
    }
    const isCoveredSide = covered === "" ? rules.one_side.includes(side) : covered === side;
    if (!isCoveredSide || this.#anyPasses(rules.never, symptom)) return false;
    if (!rules.calm.every((test) => passes(test, symptom.known, this.#bundle.constants))) return false;
    return wasSeen || before === undefined || this.#isNoFurther(symptom, before);
  }

  #lastSeen(word: Word): Symptom | undefined {
    return this.#present.findLast(
      (other) =>
        other.code === word.symptom &&
        other.receivedAt <= word.at &&
        other.occurredAt <= word.at &&
        (word.side === "" || this.#sideOf(other) === word.side),
    );
  }

  #isNoFurther(now: Symptom, before: Symptom): boolean {
    return Object.entries(this.#rules.scales).every(([attr, scale]) => {
      const [reached, known] = [now, before].map((one) => scale.indexOf(String(one.known.get(attr))));
      return reached === undefined || known === undefined || reached < 0 || known < 0 || reached <= known;
    });
  }

  #anyPasses(tests: readonly AttributeTest[], symptom: Symptom): boolean {
    return tests.some((test) => passes(test, symptom.known, this.#bundle.constants));
  }

  #sideOf(symptom: Symptom): string {
    return String(symptom.known.get(this.#rules.side) ?? "");
  }
}
