// Dates in the reader's own zone, beside the deadline's. Without this module UTC stands there.

const page = document.querySelector("[data-yours]");
const shape = { weekday: "short", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "longGeneric" };

for (const place of page?.querySelectorAll("[data-at]") ?? []) {
  const at = new Date(place.dataset.at);
  if (clock(at) === clock(at, "UTC") && place.textContent) continue; // it is said already
  const same = clock(at) === clock(at, place.dataset.zone);
  const here = new Intl.DateTimeFormat(page.dataset.locale, shape).format(at);
  place.textContent = same ? page.dataset.same : page.dataset.yours.replace("{when}", here);
  place.hidden = false;
}

function clock(at, timeZone) {
  return at.toLocaleString("sv", { timeZone });
}
