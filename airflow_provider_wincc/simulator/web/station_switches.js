// The switches of the station as a whole.

import { byId, setText } from "/page/elements.js";

const SWITCHES = {
  "service-on": { isOn: (station) => station.service, on: "start_service", off: "stop_service" },
  "plant-moves": { isOn: (station) => !station.frozen, on: "thaw", off: "freeze" },
};

export class StationSwitches {
  constructor({ act }) {
    for (const [id, { on, off }] of Object.entries(SWITCHES)) {
      const input = byId(id);
      input.addEventListener("change", async () => {
        const wanted = input.checked;
        if (!(await act("/simulator/station", { method: "POST", content: { do: wanted ? on : off } }))) {
          input.checked = !wanted;
        }
      });
    }
  }

  show(station) {
    setText(byId("plant-name"), station.plant);
    for (const [id, { isOn }] of Object.entries(SWITCHES)) {
      const input = byId(id);
      input.disabled = false;
      input.checked = isOn(station);
    }
  }
}
