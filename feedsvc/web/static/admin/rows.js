// Rows of a list: the button copies the empty row of the template, or takes its own row away.
// Numbers only grow, and may have gaps: the server reads them in order.

export function rows(form, changed) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-remove]");
    const set = button?.closest("[data-rows]");
    if (!set) return;
    event.preventDefault();
    if (button.matches("[data-add]")) add(set);
    else remove(set, button.closest("[data-row]"));
    changed();
  });
}

function add(set) {
  const list = set.querySelector(":scope > [data-list]");
  const template = set.querySelector(":scope > template");
  const number = Math.max(-1, ...numbers(set, list)) + 1;
  const holder = document.createElement("template");
  holder.innerHTML = template.innerHTML.replaceAll("__n__", number);
  const row = holder.content.firstElementChild;
  list.append(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function remove(set, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("input:not([type=hidden]), select") ?? set.querySelector(":scope > [data-add]")).focus();
}

function numbers(set, list) {
  const prefix = `${set.dataset.rows}-`;
  return [...list.querySelectorAll("[name]")]
    .filter((field) => field.name.startsWith(prefix))
    .map((field) => Number.parseInt(field.name.slice(prefix.length), 10));
}
