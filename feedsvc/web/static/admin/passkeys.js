// Passkeys: a form with `data-make` or `data-ask` holds the options of what the browser is to do;
// its button starts that, and the answer is sent as the form's field `passkey`. The form is hidden
// until here it is known that the browser can do it.

const can = typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";

for (const form of document.querySelectorAll("[data-make], [data-ask]")) {
  const cannot = form.parentElement.querySelector("[data-cannot]");
  form.hidden = !can;
  if (cannot) cannot.hidden = can;
  if (!can) continue;
  form.addEventListener("submit", async (event) => {
    if (form.elements.passkey.value) return;
    event.preventDefault();
    const trouble = form.querySelector("[role=alert]");
    trouble.hidden = true;
    try {
      const credential = await answer(form.dataset);
      form.elements.passkey.value = JSON.stringify(credential.toJSON());
    } catch {
      // Taken back by the person, or the time was over: which of them, browsers do not tell.
      trouble.hidden = false;
      return;
    }
    form.requestSubmit();
  });
}

function answer({ make, ask }) {
  if (make) {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(make));
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(ask));
  return navigator.credentials.get({ publicKey });
}
