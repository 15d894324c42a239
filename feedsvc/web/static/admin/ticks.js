// The box in the head of a list ticks all rows of the page or none, and shows which of both it is, or
// that some are ticked. Without this file it is not there, and each row is ticked by itself.
const label = document.querySelector("[data-all]");
const boxes = [...document.querySelectorAll("input[name=id]")];
const told = document.querySelector("[data-ticked]");

function tell() {
  const number = boxes.filter((box) => box.checked).length;
  label.firstChild.checked = number === boxes.length;
  label.firstChild.indeterminate = number > 0 && number < boxes.length;
  told.textContent = number ? told.dataset.ticked.replace("{}", number) : "";
}

if (label) {
  label.hidden = false;
  label.addEventListener("change", () => {
    for (const box of boxes) box.checked = label.firstChild.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  addEventListener("pageshow", tell); // who comes back finds what was ticked
}
