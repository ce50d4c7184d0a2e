// The page for people: puts what the station tells into its sections.

import { ConnectionButton } from "/page/connection.js";
import { Dialect } from "/page/dialect.js";
import { byId, setAttribute, setText } from "/page/elements.js";
import { Equipment } from "/page/equipment.js";
import { Faults } from "/page/faults.js";
import { Messages } from "/page/messages.js";
import { Orders } from "/page/orders.js";
import { Requests } from "/page/requests.js";
import { ask, Refused, Watch } from "/page/station.js";
import { StationSwitches } from "/page/station_switches.js";
import { Tags } from "/page/tags.js";

let statusTimer;

function say(text) {
  setText(byId("status"), text);
  clearTimeout(statusTimer);
  statusTimer = setTimeout(() => setText(byId("status"), ""), 6000);
}

// Does something at the station, and tells people when it is refused. Gives whether it was done.
async function act(path, options) {
  try {
    const answer = await ask(path, options);
    if (answer?.done === false) {
      say("There was nothing to do.");
    }
    return true;
  } catch (problem) {
    say(`Not done: ${problem.message}`);
    return false;
  } finally {
    watch.lookNow();
  }
}

function tellLink(state, text) {
  setAttribute(byId("link-state"), "data-state", state);
  setText(byId("link-state"), state === "refused" ? "Not shown here" : text);
  if (state === "refused") {
    refuse(text);
  }
}

function refuse(text) {
  const notice = byId("refused");
  notice.hidden = false;
  setText(
    notice,
    `The station shows itself to people at its own machine only. It says: ${text}. ` +
      "Open this page there, as localhost or 127.0.0.1.",
  );
  byId("main").hidden = true;
  byId("copy-connection").hidden = true;
  document.querySelector("nav").hidden = true;
}

const equipment = new Equipment();
const tags = new Tags({ act, say });
const sections = {
  station: new StationSwitches({ act }),
  units: new Orders({ act }),
  messages: new Messages({ act }),
  requests: new Requests(),
  faults: new Faults({ act }),
  dialect: new Dialect({ act }),
};
new ConnectionButton({ say });

const watch = new Watch({
  tell: tellLink,
  show(changes) {
    tags.show(changes);
    equipment.show(changes);
    for (const [name, content] of Object.entries(changes.sections)) {
      sections[name]?.show(content);
    }
  },
});

async function start() {
  for (;;) {
    try {
      const switches = await ask("/simulator/switches");
      sections.faults.offer(switches.faults);
      sections.dialect.offer(switches.dialect);
      break;
    } catch (problem) {
      if (problem instanceof Refused) {
        tellLink("refused", problem.message);
        return;
      }
      tellLink("lost", "No answer from the station; trying again");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  await watch.run();
}

start();
