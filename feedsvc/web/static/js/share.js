// Copy an address, or hand it to the device's own sharing. Buttons stay hidden where neither works.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    say(button, button.dataset.done);
  });
}

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const { share: url, title } = button.dataset;
    navigator.share({ title, url }).catch(() => {}); // the reader closed the sheet
  });
}

function say(button, text) {
  const label = button.querySelector("span");
  const before = label.textContent;
  label.setAttribute("role", "status");
  label.textContent = text;
  setTimeout(() => { label.textContent = before; }, 2500);
}
