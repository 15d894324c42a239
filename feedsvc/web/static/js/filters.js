// Filters apply as they are ticked: the same address is fetched that the form would open, and the
// results of that page take the place of these. Without this module the button does the same; with
// it the button says how many there are, and leads to them where the filters stand above the list.

const form = document.querySelector("form[data-live]");
let latest = 0;

form?.classList.add("live");

form?.addEventListener("change", (event) => {
  if (event.target.type !== "search") apply(addressOf(form));
});
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  await apply(addressOf(form));
  if (event.submitter) show();
});
addEventListener("popstate", () => location.reload());

function show() {
  form.closest("details").open = false;
  document.getElementById(form.dataset.live).focus();
}

function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
  return query.size ? `${form.action}?${query}` : form.action;
}

async function apply(address) {
  const ticket = ++latest;
  const results = document.getElementById(form.dataset.live);
  results.ariaBusy = "true";
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (ticket !== latest) return;
    results.innerHTML = page.getElementById(results.id).innerHTML;
    const count = page.getElementById("count").textContent;
    document.getElementById("said").textContent = count;
    form.querySelector(".apply button").textContent = count;
    for (const part of document.querySelectorAll("[data-fresh]")) {
      part.innerHTML = page.getElementById(part.id)?.innerHTML ?? "";
    }
    copyCounts(page);
    copyAddresses(page);
    if (address !== location.href) history.pushState(null, "", address);
  } catch {
    location.assign(address); // the page itself says what is wrong
  } finally {
    results.ariaBusy = null;
  }
}

// What leads to the same list elsewhere: its other languages, its feeds.
function copyAddresses(page) {
  const mine = document.querySelector(".languages");
  mine?.replaceChildren(...page.querySelector(".languages").children);
  for (const link of document.head.querySelectorAll("link[rel=alternate]")) link.remove();
  document.head.append(...page.head.querySelectorAll("link[rel=alternate]"));
}

// Boxes stay as they are (a reader may be moving through them); only the numbers are new.
function copyCounts(page) {
  const fresh = page.querySelector("form[data-live]");
  for (const box of form.querySelectorAll("label > input")) {
    const twin = fresh.querySelector(`input[name="${box.name}"][value="${CSS.escape(box.value)}"]`);
    const [mine, theirs] = [box, twin].map((input) => input?.parentElement.querySelector(".num"));
    if (mine) mine.textContent = theirs?.textContent ?? "0";
  }
  const [mine, theirs] = [document, page].map((one) => one.querySelector(".facets > summary"));
  mine.textContent = theirs.textContent;
}
