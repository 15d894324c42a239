// The editor works without this file. With it rows come and go at once, unsaved work is said and
// kept from being left by mistake, and Ctrl-S saves.
import { desk } from "./desk.js";
import { rows } from "./rows.js";

const form = document.querySelector("form[data-editor]");
const script = document.querySelector("script[data-cursor]");
const kept = form && desk(form);
let dirty = document.querySelector("#problems, #conflict") !== null;

function changed() {
  dirty = true;
  kept.changed();
  const state = form.querySelector("[data-state]");
  state.textContent = state.dataset.unsaved;
  state.classList.add("unsaved");
}

// Links to a problem open the part that hides it, and put the cursor into the field.
function show(id) {
  const place = document.getElementById(id);
  for (let part = place?.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  place?.focus();
  place?.scrollIntoView({ block: "center" });
}

if (form) {
  rows(form, changed);
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return;
    dirty = false;
    kept.stop();
  });
  addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-save]"));
    }
  });
  document.querySelector("#problems")?.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    show(link.hash.slice(1));
  });
  if (script?.dataset.cursor) show(script.dataset.cursor);
}
