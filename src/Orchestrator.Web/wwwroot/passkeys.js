// A form with data-passkey asks the device that its browser knows, and is sent with the answer.
const ask = {
  get: options => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  create: options => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
};

const send = async form => {
  const asked = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!asked.ok) throw new Error(`${asked.status}`);
  const credential = await ask[form.dataset.passkey](await asked.json());
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
};

export const offerPasskeys = () => {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.closest("[data-passkey-offer]").hidden = false;
    form.addEventListener("submit", event => {
      event.preventDefault();
      const problem = form.querySelector("[role=alert]");
      problem.hidden = true;
      send(form).catch(() => { problem.hidden = false; });
    });
  }
};
