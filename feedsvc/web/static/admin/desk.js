// What is typed is kept for its owner every few seconds until it is saved, and those who have the
// same entry open are told of each other. The server says all the words.
const KEEP_AFTER = 10_000; // milliseconds after a change
const HERE_EVERY = 20_000;

export function desk(form) {
  let timer = 0;

  async function keep() {
    clearTimeout(timer);
    if (!timer || !form.dataset.keep) return;
    timer = 0;
    const answer = await send(form.dataset.keep, fields(form));
    const state = form.querySelector("[data-state]");
    if (answer?.words && state) state.textContent = answer.words;
  }

  async function here() {
    if (document.hidden) return;
    const token = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    const answer = await send(form.dataset.here, token);
    const note = document.querySelector("[data-others]");
    if (!answer || note.textContent === answer.others) return;
    note.textContent = answer.others;
    note.hidden = !answer.others;
  }

  if (form.dataset.here) {
    here();
    setInterval(here, HERE_EVERY);
  }
  addEventListener("blur", keep);
  document.addEventListener("visibilitychange", keep);
  return {
    changed() {
      timer ||= setTimeout(keep, KEEP_AFTER);
    },
    stop() {
      clearTimeout(timer);
      timer = 0;
    },
  };
}

// Files are not kept: they go up when the form is saved.
function fields(form) {
  const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return new URLSearchParams(typed);
}

async function send(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    return answer.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : null;
  } catch {
    return null; // the line is gone for a moment; the next turn tries again
  }
}
