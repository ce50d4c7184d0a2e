// A switch for each way in which stations differ.

import { byId, make, setText } from "/page/elements.js";

export class Dialect {
  #act;
  #switches = new Map();
  #now;

  constructor({ act }) {
    this.#act = act;
    byId("reset-dialect").addEventListener("click", () => {
      const defaults = [...this.#switches].map(([name, item]) => [name, item.standard]);
      this.#send(Object.fromEntries(defaults));
    });
  }

  offer(switches) {
    byId("dialect-list").replaceChildren(
      ...switches.map(({ name, description, choices, default: standard }) => {
        const item = new Switch(name, description, choices, standard, (value) => this.#send({ [name]: value }));
        this.#switches.set(name, item);
        return item.element;
      }),
    );
    if (this.#now !== undefined) {
      this.show(this.#now);
    }
  }

  show(dialect) {
    this.#now = dialect;
    let changed = 0;
    for (const [name, item] of this.#switches) {
      item.show(dialect[name]);
      changed += dialect[name] === item.standard ? 0 : 1;
    }
    setText(
      byId("dialect-count"),
      changed === 0 ? "All switches are at their defaults." : `${changed} of ${this.#switches.size} switches ${changed === 1 ? "is" : "are"} changed.`,
    );
    byId("reset-dialect").disabled = changed === 0;
  }

  async #send(wish) {
    if (!(await this.#act("/simulator/dialect", { method: "POST", content: wish })) && this.#now !== undefined) {
      this.show(this.#now);
    }
  }
}

class Switch {
  #input;
  #kind;
  #choices;
  #changed;

  constructor(name, description, choices, standard, send) {
    this.standard = standard;
    this.#choices = choices;
    this.#kind = choices === null ? "number" : typeof choices[0] === "boolean" ? "yes or no" : "words";
    const note = `dialect-${name}-note`;
    this.#input = this.#makeInput(note);
    this.#input.addEventListener("change", () => send(this.#value()));
    this.#changed = make("span", { class: "left" }, `changed; the default is ${standard ?? "none"}`);
    const label =
      this.#kind === "yes or no"
        ? make("label", { class: "switch" }, this.#input, make("code", {}, name))
        : make("label", { class: "field beside" }, make("code", {}, name), this.#input);
    this.element = make("li", {}, label, make("p", { class: "note", id: note }, description), this.#changed);
    this.show(standard);
  }

  show(value) {
    this.#changed.hidden = value === this.standard;
    if (this.#kind === "yes or no") {
      this.#input.checked = value;
    } else if (this.#kind === "words") {
      this.#input.value = value;
    } else if (document.activeElement !== this.#input) {
      this.#input.value = value ?? "";
    }
  }

  #makeInput(note) {
    if (this.#kind === "words") {
      return make("select", { "aria-describedby": note }, ...this.#choices.map((word) => make("option", {}, word)));
    }
    return this.#kind === "number"
      ? make("input", { type: "number", min: 1, step: 1, placeholder: "none", "aria-describedby": note })
      : make("input", { type: "checkbox", role: "switch", "aria-describedby": note });
  }

  #value() {
    if (this.#kind === "number") {
      return this.#input.value === "" ? null : Number(this.#input.value);
    }
    return this.#kind === "yes or no" ? this.#input.checked : this.#input.value;
  }
}
