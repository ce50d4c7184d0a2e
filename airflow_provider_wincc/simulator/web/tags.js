// The table of tags. Rows are made once and changed where something has changed: those in sight at once, the others a
// few in each frame, so that a thousand tags that all change stay smooth, and screen readers still find every row.

import { byId, make, setAttribute, setText } from "/page/elements.js";
import { TagDialog } from "/page/tag_dialog.js";
import { timeOfDay } from "/page/times.js";

const MOST_ROWS = 2000;
const ROWS_IN_A_FRAME = 40;
const MOST_FLASHES = 40;
const plain = new Intl.NumberFormat("en");

export class Tags {
  #rows = new Map();
  #words = [];
  #dialog;
  #late = new Set();
  #waitsForFrame = false;
  #rowOf = new WeakMap();
  #sight = new IntersectionObserver((entries) => this.#see(entries), {
    root: byId("tag-rows").closest(".scroller"),
    rootMargin: "100px",
  });

  constructor({ act, say }) {
    this.#dialog = new TagDialog({ act, say });
    byId("tag-filter").addEventListener("input", () => this.#filter());
    byId("not-good").addEventListener("change", () => this.#filter());
  }

  show({ whole, tags, gone }) {
    if (whole) {
      this.#sight.disconnect();
      this.#late.clear();
      this.#rows.clear();
      byId("tag-rows").replaceChildren();
    }
    for (const name of gone) {
      this.#remove(name);
    }
    const added = [];
    const flashes = !whole && tags.length <= MOST_FLASHES;
    for (const tag of tags) {
      let row = this.#rows.get(tag.name);
      if (row === undefined) {
        row = new Row(tag.name, () => this.#dialog.open(this.#rows.get(tag.name).tag));
        this.#rows.set(tag.name, row);
        this.#rowOf.set(row.element, row);
        this.#sight.observe(row.element);
        added.push(row.element);
      }
      row.take(tag);
      this.#paint(row, flashes);
    }
    this.#paintLateOnes();
    byId("tag-rows").append(...added);
    if (added.length > 0 || gone.length > 0 || byId("not-good").checked) {
      this.#filter();
    }
    this.#dialog.update(this.#rows);
  }

  #paint(row, flashes) {
    if (row.isInSight || row.isNew) {
      row.paint(flashes);
      this.#late.delete(row);
    } else {
      this.#late.add(row);
    }
  }

  #paintLateOnes() {
    if (this.#late.size > 0 && !this.#waitsForFrame) {
      this.#waitsForFrame = true;
      requestAnimationFrame(() => {
        this.#waitsForFrame = false;
        for (const row of [...this.#late].slice(0, ROWS_IN_A_FRAME)) {
          row.paint(false);
          this.#late.delete(row);
        }
        this.#paintLateOnes();
      });
    }
  }

  #see(entries) {
    for (const { target, isIntersecting } of entries) {
      const row = this.#rowOf.get(target);
      row.isInSight = isIntersecting;
      if (isIntersecting && this.#late.delete(row)) {
        row.paint(false);
      }
    }
  }

  #remove(name) {
    const row = this.#rows.get(name);
    if (row !== undefined) {
      this.#sight.unobserve(row.element);
      this.#late.delete(row);
      row.element.remove();
      this.#rows.delete(name);
    }
  }

  #filter() {
    this.#words = byId("tag-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const onlyNotGood = byId("not-good").checked;
    let matching = 0;
    for (const row of this.#rows.values()) {
      const matches = row.matches(this.#words) && !(onlyNotGood && row.isGood);
      matching += matches ? 1 : 0;
      row.hide(!matches || matching > MOST_ROWS);
    }
    const shown = Math.min(matching, MOST_ROWS);
    setText(byId("tags-count"), `${plain.format(shown)} of ${plain.format(this.#rows.size)} tags`);
    byId("no-tags").hidden = matching > 0;
  }
}

class Row {
  #button;
  #value = make("td", { role: "cell", class: "number value" });
  #quality = make("td", { role: "cell", class: "quality" });
  #time = make("td", { role: "cell", class: "time" });
  #searched = "";
  #painted;

  constructor(name, open) {
    this.#button = make("button", { type: "button", class: "name" }, name);
    this.#button.addEventListener("click", open);
    const header = make("th", { role: "rowheader", scope: "row" }, this.#button);
    // The roles are told, because rows that are laid out as grids would be no table any more.
    this.element = make("tr", { role: "row" }, header, this.#value, this.#quality, this.#time);
    this.tag = undefined;
    this.isInSight = false;
  }

  get isNew() {
    return this.#painted === undefined;
  }

  take(tag) {
    if (this.tag === undefined || this.tag.description !== tag.description) {
      this.#searched = `${tag.name} ${tag.description}`.toLowerCase();
    }
    this.tag = tag;
  }

  paint(flashes) {
    const tag = this.tag;
    const changed = this.#painted !== undefined && this.#painted.value !== tag.value;
    this.#painted = tag;
    setText(this.#value, tag.unit ? `${tag.value} ${tag.unit}` : tag.value);
    setText(this.#quality, tag.error ? `${tag.meaning}; ${tag.error}` : tag.meaning);
    setAttribute(this.#quality, "data-level", tag.error ? "bad" : tag.level);
    setText(this.#time, timeOfDay(tag.time));
    if (changed && flashes) {
      // Taken away and put back, so that the animation starts again.
      this.#value.classList.remove("changed");
      requestAnimationFrame(() => this.#value.classList.add("changed"));
    }
  }

  get isGood() {
    return this.tag.level === "good" && this.tag.error === "";
  }

  matches(words) {
    return words.every((word) => this.#searched.includes(word));
  }

  hide(hidden) {
    if (this.element.hidden !== hidden) {
      this.element.hidden = hidden;
    }
  }
}
