// What all drawings of equipment share: a name, a picture, and facts in words for those who do not see the picture.

import { make, makeSvg, setText } from "/page/elements.js";

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const limited = (value, low, high) => Math.min(Math.max(value, low), high);

export function shownNumber(text) {
  const value = Number(text);
  return text === undefined || text === "" || Number.isNaN(value) ? (text ?? "?") : number.format(value);
}

export class Drawing {
  #facts = new Map();
  #list = make("dl", { class: "facts" });
  #doubt = make("p", { class: "doubt" });

  constructor(name, kind, picture) {
    this.element = make(
      "figure",
      { class: `drawing ${kind}` },
      make("figcaption", {}, make("h3", {}, name)),
      makeSvg("svg", { viewBox: "0 0 160 150", "aria-hidden": "true", focusable: "false" }, ...picture),
      this.#list,
      this.#doubt,
    );
  }

  fact(name, text) {
    let place = this.#facts.get(name);
    if (place === undefined) {
      place = make("dd", {});
      this.#facts.set(name, place);
      this.#list.append(make("div", {}, make("dt", {}, name), place));
    }
    setText(place, text);
  }

  tellDoubt(members) {
    setText(this.#doubt, members.length > 0 ? `Not good: ${members.join(", ")}` : "");
  }
}
