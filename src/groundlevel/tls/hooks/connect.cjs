// Node.js loads this before a program (NODE_OPTIONS). Connections to the routed hosts go to the listener on loopback that
// answers for them; the name stays what certificates are checked by. Clients that heed HTTPS_PROXY do not need it.
"use strict";
const net = require("node:net");

const hosts = new Set((process.env.GROUNDLEVEL_ROUTED_HOSTS || "").split(" "));
const port = Number(process.env.GROUNDLEVEL_ROUTED_PORT);
const connect = net.Socket.prototype.connect;

const routed = (options) =>
  options && typeof options === "object" && Number(options.port) === 443 && hosts.has(options.host)
    ? { ...options, host: "127.0.0.1", port, servername: options.servername || options.host }
    : options;

net.Socket.prototype.connect = function (...given) {
  if (Array.isArray(given[0])) {
    // What Node itself has normalised is marked, so that it is changed in place.
    given[0][0] = routed(given[0][0]);
  } else if (Number(given[0]) === 443 && hosts.has(given[1])) {
    given.splice(0, 2, port, "127.0.0.1");
  } else {
    given[0] = routed(given[0]);
  }
  return connect.apply(this, given);
};
