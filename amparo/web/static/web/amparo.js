// Brings GOV.UK's components to life. Every page works without this file.
import { Button, ErrorSummary, PasswordInput, ServiceNavigation, SkipLink, createAll } from "../built/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, ErrorSummary, PasswordInput, ServiceNavigation, SkipLink]) {
  createAll(component);
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
