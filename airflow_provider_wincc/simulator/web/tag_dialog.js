// One tag: what is known of it, and a new value for it.

import { byId, make, setText } from "/page/elements.js";
import { ask } from "/page/station.js";
import { timeOfDay } from "/page/times.js";

export class TagDialog {
  #name;
  #shown;
  #act;
  #say;

  constructor({ act, say }) {
    this.#act = act;
    this.#say = say;
    byId("tag-close").addEventListener("click", () => byId("tag-dialog").close());
    byId("tag-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#set();
    });
  }

  open(tag) {
    this.#name = tag.name;
    this.#shown = undefined;
    setText(byId("tag-heading"), tag.name);
    setText(byId("tag-description"), tag.description);
    setText(byId("tag-problem"), "");
    byId("tag-value").value = tag.value;
    this.#describe(tag);
    byId("tag-dialog").showModal();
    byId("tag-value").select();
  }

  update(rows) {
    const row = byId("tag-dialog").open ? rows.get(this.#name) : undefined;
    if (row !== undefined && row.tag !== this.#shown) {
      this.#describe(row.tag);
    }
  }

  #describe(tag) {
    this.#shown = tag;
    const facts = {
      Value: tag.unit ? `${tag.value} ${tag.unit}` : tag.value,
      Type: tag.data_type,
      Quality: `${tag.meaning} (0x${tag.quality.toString(16).toUpperCase().padStart(2, "0")})`,
      Time: `${timeOfDay(tag.time)}, ${tag.time}`,
    };
    if (tag.error) {
      facts.Error = tag.error;
    }
    byId("tag-facts").replaceChildren(
      ...Object.entries(facts).flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]),
    );
  }

  async #set() {
    try {
      await ask("/simulator/tags", { method: "POST", content: { [this.#name]: byId("tag-value").value } });
    } catch (problem) {
      setText(byId("tag-problem"), problem.message);
      return;
    }
    byId("tag-dialog").close();
    this.#say(`${this.#name} is set.`);
  }
}
