// What stands beside the form follows what is written: the server is asked when the writer pauses.
// It writes nothing; without this file the panel says how things were when the page came.
const form = document.querySelector("form[data-beside]");
const PAUSE = 700; // milliseconds
let waiting, asking;

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  try {
    const answer = await fetch(form.dataset.beside, { method: "POST", body, redirect: "error", signal: asking.signal });
    if (answer.ok) show(await answer.text());
  } catch {
    // Away, or asked again meanwhile: what stands there stays.
  }
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-panel]");
  const old = document.querySelector("[data-panel]");
  if (!fresh || old.contains(document.activeElement)) return;
  const said = old.querySelector("[data-count]");
  const says = fresh.querySelector("[data-count]").textContent;
  for (const row of form.querySelectorAll("[data-row] > [data-reading]")) {
    const point = fresh.querySelector(`[data-row="${CSS.escape(row.parentElement.id)}"]`);
    row.textContent = point?.dataset.reading ?? "";
  }
  if (said.textContent !== says) said.textContent = says;
  fresh.querySelector("[data-count]").replaceWith(said); // the same place speaks, once
  old.replaceWith(fresh);
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
}

if (form) {
  form.addEventListener("input", later);
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-remove]")) later();
  });
  document.querySelector(".beside")?.addEventListener("click", (event) => {
    const link = event.target.closest("[data-panel] a[href^='#']");
    const place = link && document.getElementById(link.hash.slice(1));
    for (let part = place?.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    place?.focus({ preventScroll: true });
  });
}
