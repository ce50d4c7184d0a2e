// The equipment of the plant, drawn from its tags: whatever has the tags of a tank is drawn as a tank.

import { byId, KeyedList, setAttribute } from "/page/elements.js";
import { Line } from "/page/line.js";
import { Mixer } from "/page/mixer.js";
import { Tank } from "/page/tank.js";

const KINDS = [
  { kind: Tank, needs: ["Level", "Setpoint"] },
  { kind: Mixer, needs: ["State", "Speed"] },
  { kind: Line, needs: ["Count", "Running"] },
];

export class Equipment {
  #tags = new Map();
  #list;

  constructor() {
    this.#list = new KeyedList(
      byId("equipment"),
      ({ name, kind }) => new kind(name),
      (drawing, { name }) => this.#draw(drawing, name),
    );
  }

  show({ whole, tags, gone }) {
    if (whole) {
      this.#tags.clear();
    }
    for (const name of gone) {
      this.#tags.delete(name);
    }
    for (const tag of tags) {
      this.#tags.set(tag.name, tag);
    }
    if (whole || tags.length > 0 || gone.length > 0) {
      const found = this.#find();
      this.#list.show(found, ({ name }) => name);
      byId("no-equipment").hidden = found.length > 0;
    }
  }

  #find() {
    const names = new Set();
    for (const name of this.#tags.keys()) {
      const dot = name.lastIndexOf(".");
      if (dot > 0) {
        names.add(name.slice(0, dot));
      }
    }
    return [...names].flatMap((name) => {
      const match = KINDS.find(({ needs }) => needs.every((member) => this.#tags.has(`${name}.${member}`)));
      return match === undefined ? [] : [{ name, kind: match.kind }];
    });
  }

  #draw(drawing, name) {
    const doubtful = [];
    const read = (member) => {
      const tag = this.#tags.get(`${name}.${member}`);
      if (tag !== undefined && (tag.level !== "good" || tag.error !== "")) {
        doubtful.push(member);
      }
      return tag?.value;
    };
    drawing.draw(read);
    setAttribute(drawing.element, "data-doubtful", String(doubtful.length > 0));
    drawing.tellDoubt(doubtful);
  }
}
