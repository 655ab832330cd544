// Shows the server's own OpenAPI document, in the colours that the reader's system prefers.

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  // The schemas of all bodies and the rows of all operations take seconds to lay out, and few are looked at.
  defaultModelsExpandDepth: -1,
  docExpansion: "none",
  filter: true,
  // The validator is a service on the web, which is asked for nothing here.
  validatorUrl: null,
});
