// The reader's time zone: chosen as the device has it, and what time it is there now. Without this
// module the form begins with the site's zone.

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const field of document.querySelectorAll("input[data-zone]")) field.value = here ?? "";

for (const field of document.querySelectorAll("select[data-zone]")) {
  const offered = [...field.options].some((option) => option.value === here);
  if ("guess" in field.dataset && offered) field.value = here;
  const shown = field.parentElement.querySelector("[data-zone-now]");
  if (!shown) continue;
  const tell = () => {
    const asked = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: field.value };
    try {
      shown.querySelector("output").value = new Intl.DateTimeFormat(field.dataset.locale, asked).format();
      shown.hidden = false;
    } catch {
      shown.hidden = true; // a zone that this browser does not know
    }
  };
  field.addEventListener("change", tell);
  tell();
}
