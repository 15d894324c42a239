// The admin works without this file. With it `?` shows what the keyboard does, `/` leads to the search
// of the page, Ctrl-K goes anywhere by a few words, and Ctrl-S saves. Keys without Ctrl do nothing while
// somebody types, and can be turned off (WCAG 2.1.4): speech software sends them by the dozen.
const here = document.querySelector("script[data-keys]").dataset;
const WAIT = 150; // milliseconds after a letter
const OFF = "single keys";
let dialog = null;

function typing(target) {
  return target.isContentEditable || target.closest("textarea, select, input:not([type=checkbox], [type=radio])");
}

// The part of another page, in a window over this one. Who is signed out meanwhile goes there instead.
async function part(address) {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    const found = page.querySelector("[data-part]");
    if (found) return document.adoptNode(found);
  } catch {
    // the line is gone for a moment: the page itself says so better
  }
  location.assign(address);
  return null;
}

async function open(address) {
  if (dialog?.open || document.querySelector("[data-part]")) {
    document.querySelector("[data-part] input")?.focus();
    return;
  }
  const found = await part(address);
  if (!found) return;
  dialog?.remove();
  dialog = document.createElement("dialog");
  dialog.className = "over";
  dialog.setAttribute("aria-label", found.dataset.part);
  const close = Object.assign(document.createElement("button"), { className: "btn quiet small", textContent: here.close });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(found, close);
  document.body.append(dialog);
  dialog.showModal();
  ready(found);
}

function ready(found) {
  const single = found.querySelector("[data-single]");
  if (single) {
    const box = single.querySelector("input");
    single.hidden = false;
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "off")));
  }
  const field = found.querySelector("#jump-q");
  if (!field) return;
  field.focus();
  let timer = 0;
  let asked = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const turn = ++asked;
      const answer = await part(`${here.jump}?${new URLSearchParams({ q: field.value })}`);
      if (answer && turn === asked) found.querySelector("[data-found]").replaceWith(answer.querySelector("[data-found]"));
    }, WAIT);
  });
  found.addEventListener("keydown", (event) => {
    const links = [...found.querySelectorAll("[data-found] a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      (links[links.indexOf(document.activeElement) + step] ?? field).focus();
    } else if (event.key === "Enter" && event.target === field && links.length && !event.isComposing) {
      event.preventDefault();
      links[0].click();
    }
  });
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const ctrl = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (ctrl && key === "k") {
    event.preventDefault();
    open(here.jump);
  } else if (ctrl && key === "s") {
    const save = document.querySelector("form:not([data-editor]) [data-save]");
    if (!save) return;
    event.preventDefault();
    save.form.requestSubmit(save);
  } else if (!ctrl && !typing(event.target) && !dialog?.open && !localStorage.getItem(OFF)) {
    if (key === "?") open(here.keys);
    else if (key === "/") document.querySelector("#q") ? document.querySelector("#q").focus() : open(here.jump);
    else return;
    event.preventDefault();
  }
});

const shown = document.querySelector("[data-part]");
if (shown) ready(shown);
