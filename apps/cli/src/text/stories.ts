// Little tales without end, made from a small grammar: the project's own training text, free of anybody's
// rights. Who appears, what they have, how many of it and of which colour is said early and must be repeated
// later, so a model of characters can only become good at them by looking back: attention has something to
// see. Pronouns agree with names, nouns with numbers, and whoever has 3 and gives 1 away ends with 2.
import { HostRandom } from "@saccade/core";

/** Everything a sentence can mention. `{Slot}` is `{slot}` with a capital. */
type Scene = Readonly<Record<string, string>>;

// Names have initials that begin no other word, and numbers are digits: a model that reads letters can tell
// them by their first one, which is what lets a small one learn to look for them.
const SHE = ["Ada", "Eva", "Ida", "Mia", "Zoe"];
const HE = ["Finn", "Jan", "Karl", "Leo", "Rob"];
const COLOURS = ["black", "green", "pink", "red", "white", "yellow"];
const THINGS = ["boat", "drum", "flag", "kite", "lamp", "stone"];
const PLACES = ["bridge", "garden", "harbour", "mill", "tower", "well"];

/** The hero gives one of many away and keeps the rest. */
const GIFT = [
  ["{hero} had {many} {colour} {things}.", "One day {hero} found {many} {colour} {things}."],
  ["{She} gave 1 to {friend}.", "{friend} took 1."],
  ["Now {hero} has {fewer} {colour} {left}."],
];

/** Two exchange what they have. */
const TRADE = [
  ["{hero} had a {colour} {thing} and {friend} a {shade} {toy}."],
  ["They traded.", "By the {place} they traded."],
  ["Now {hero} has the {shade} {toy}."],
];

/** Something is lost and found again. */
const SEARCH = [
  ["{hero} lost a {colour} {thing}.", "The wind took the {colour} {thing} of {hero}."],
  ["{friend} found it by the {place}."],
  ["Now {hero} has the {colour} {thing} again.", "So {hero} has {her} {colour} {thing} back."],
];

const PLOTS = [GIFT, TRADE, SEARCH];

function pick<T>(random: HostRandom, choices: readonly T[]): T {
  return choices[random.integer(choices.length)]!;
}

/** Two different ones. */
function pickTwo(random: HostRandom, choices: readonly string[]): [string, string] {
  const first = pick(random, choices);
  return [
    first,
    pick(
      random,
      choices.filter((choice) => choice !== first),
    ),
  ];
}

function makeScene(random: HostRandom): Scene {
  const [hero, friend] = pickTwo(random, [...SHE, ...HE]);
  const [colour, shade] = pickTwo(random, COLOURS);
  const [thing, toy] = pickTwo(random, THINGS);
  const place = pick(random, PLACES);
  const many = 2 + random.integer(5);
  const [she, her] = SHE.includes(hero) ? ["she", "her"] : ["he", "his"];
  const fewer = many - 1;
  const numbers = { many: `${many}`, fewer: `${fewer}`, left: fewer === 1 ? thing : `${thing}s` };
  return { hero, friend, colour, shade, thing, toy, place, she, her, things: `${thing}s`, ...numbers };
}

/** One tale, without a line feed. */
export function tale(random: HostRandom): string {
  const scene = makeScene(random);
  const sentences = pick(random, PLOTS).map((choices) => pick(random, choices));
  return sentences.join(" ").replace(/\{(\w)(\w*)\}/g, (_, first: string, rest: string) => {
    const word = scene[first.toLowerCase() + rest]!;
    return first === first.toLowerCase() ? word : word[0]!.toUpperCase() + word.slice(1);
  });
}

/** What `{hero}` has in the end follows from what came before: the tale up to there, and the rest. */
export interface Riddle {
  readonly prompt: string;
  readonly answer: string;
}

/** Cuts a tale behind the third word of its last sentence. */
export function riddle(tale: string): Riddle {
  const ending = tale.lastIndexOf(". ") + 2;
  const words = tale.slice(ending).split(" ").slice(0, 3).join(" ");
  const cut = ending + words.length;
  return { prompt: tale.slice(0, cut), answer: tale.slice(cut) };
}

/** A text of `tales` tales, one to a line. The same seed gives the same text everywhere. */
export function stories(seed: number, tales: number): string {
  const random = new HostRandom(seed);
  return Array.from({ length: tales }, () => `${tale(random)}\n`).join("");
}
