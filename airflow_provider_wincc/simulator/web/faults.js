// A switch for each fault that the station knows.

import { byId, make, setText } from "/page/elements.js";

const UNTIL_SWITCHED_OFF = 1e8;
const plain = new Intl.NumberFormat("en");

export class Faults {
  #act;
  #switches = new Map();
  #waiting = [];

  constructor({ act }) {
    this.#act = act;
    byId("clear-faults").addEventListener("click", () => act("/simulator/faults", { method: "DELETE" }));
  }

  offer(faults) {
    const named = (test) => faults.filter(test).map(({ name }) => name).join(", ");
    setText(byId("fault-tag-note"), `Tag is for ${named(({ takes_tag }) => takes_tag)}.`);
    setText(byId("fault-seconds-note"), `Seconds is for ${named(({ seconds }) => seconds !== null)}.`);
    byId("fault-list").replaceChildren(...faults.map((fault) => this.#item(fault)));
    this.show(this.#waiting);
  }

  show(waiting) {
    this.#waiting = waiting;
    for (const [name, { input, left }] of this.#switches) {
      const own = waiting.filter(({ fault }) => fault === name);
      input.checked = own.length > 0;
      setText(left, own.map(described).join("; "));
    }
    byId("clear-faults").disabled = waiting.length === 0;
  }

  #item({ name, description, seconds, takes_tag }) {
    const input = make("input", { type: "checkbox", role: "switch", "aria-describedby": `fault-${name}-note` });
    const left = make("span", { class: "left" });
    input.addEventListener("change", async () => {
      const wanted = input.checked;
      const done = wanted
        ? await this.#act("/simulator/faults", { method: "POST", content: this.#wish(name, seconds, takes_tag) })
        : await this.#act(`/simulator/faults?fault=${encodeURIComponent(name)}`, { method: "DELETE" });
      if (!done) {
        input.checked = !wanted;
      }
    });
    this.#switches.set(name, { input, left });
    return make(
      "li",
      {},
      make("label", { class: "switch" }, input, make("code", {}, name)),
      make("p", { class: "note", id: `fault-${name}-note` }, description),
      left,
    );
  }

  #wish(name, seconds, takesTag) {
    const wish = { fault: name, count: Number(byId("fault-count").value) };
    const others = {
      method: byId("fault-method").value,
      path: byId("fault-path").value.trim(),
      tag: takesTag ? byId("fault-tag").value.trim() : "",
    };
    for (const [word, text] of Object.entries(others)) {
      if (text !== "") {
        wish[word] = text;
      }
    }
    if (seconds !== null && byId("fault-seconds").value !== "") {
      wish.seconds = Number(byId("fault-seconds").value);
    }
    return wish;
  }
}

function described({ count, method, path, seconds, tag }) {
  const requests =
    count > UNTIL_SWITCHED_OFF
      ? "all requests until it is switched off"
      : count === 1
        ? "the next request"
        : `the next ${plain.format(count)} requests`;
  const only = [method, path, tag, seconds === null ? null : `${seconds} s`].filter((word) => word !== null);
  return only.length > 0 ? `waits for ${requests} (${only.join(", ")})` : `waits for ${requests}`;
}
