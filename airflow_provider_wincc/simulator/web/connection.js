// The Airflow connection. It holds a password, so it is asked for when somebody wants it and kept nowhere.

import { byId } from "/page/elements.js";
import { ask } from "/page/station.js";

export class ConnectionButton {
  #say;

  constructor({ say }) {
    this.#say = say;
    byId("copy-connection").addEventListener("click", () => this.#copy());
    byId("connection-dialog").addEventListener("close", () => {
      byId("connection-text").value = "";
    });
  }

  async #copy() {
    let text;
    try {
      text = JSON.stringify(await ask("/simulator/connection"));
    } catch (problem) {
      this.#say(`Not copied: ${problem.message}`);
      return;
    }
    try {
      await navigator.clipboard.writeText(text);
      this.#say("Connection copied. It holds a password.");
    } catch {
      // Without a secure context, or without the permission, there is no clipboard.
      byId("connection-text").value = text;
      byId("connection-dialog").showModal();
      byId("connection-text").select();
    }
  }
}
