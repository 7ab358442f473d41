// Asks the browser for a passkey and sends what it answers. Pages that use it have another way for those without.
for (const form of document.querySelectorAll("[data-passkey]")) {
  const button = form.querySelector("button");
  const failed = form.querySelector("[data-passkey-failed]");
  if (!window.PublicKeyCredential || !window.webauthnJSON) {
    continue;
  }
  form.querySelector("[data-passkey-absent]").hidden = true;
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) {
      return;
    }
    event.preventDefault();
    failed.hidden = true;
    try {
      const asked = JSON.parse(form.dataset.asked);
      const answer = await window.webauthnJSON[form.dataset.passkey](asked);
      form.elements.credential.value = JSON.stringify(answer);
      form.submit();
    } catch {
      // Refused by the person, by the device, or because this address is not one that passkeys hold for.
      failed.hidden = false;
    }
  });
}
