// The one job in Node.js: no call waits; callers pass callbacks. Loop and parser are in the standard library.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { connect } from "node:net";

// The address to listen on, and the backend's.
const [host, port, backendHost, backendPort] = process.argv.slice(2).flatMap((address) => address.split(":"));

function handle(request, response) {
  const [path, query = ""] = request.url.split(/\?(.*)/s);
  if (path === "/") reply(response, 200, "hello\n");
  else if (path === "/ask") ask(query, (error, line) => (error ? reply(response, 502, "Bad Gateway\n") : reply(response, 200, line)));
  else if (path === "/burn") burn(number(query, "ms", 0, 2000), response);
  else if (path === "/stream") stream(number(query, "n", 10, 1000), number(query, "ms", 100, 10_000), response);
  else if (path === "/upload") upload(request, response);
  else reply(response, 404, "Not Found\n");
}

function reply(response, status, text) {
  response.writeHead(status, { "Content-Type": "text/plain", "Content-Length": text.length });
  response.end(text, "latin1"); // a byte for each character, as the backend sent it
}

// Connect to the backend, send it one line and call then with an error, or with null and the line that it answers.
function ask(question, then) {
  let line = "";
  const conn = connect(backendPort, backendHost, () => conn.write(question + "\n")).setEncoding("latin1");
  conn.on("data", (arrived) => (line += arrived).endsWith("\n") && conn.destroy());
  conn.on("error", () => {}); // close comes after it; but an error event without a listener ends the program
  // close comes once, however the connection ends.
  conn.on("close", () => then(line.endsWith("\n") ? null : new Error("the backend sends no more"), line));
}

// Keep the processor busy; no other request has a turn meanwhile.
function burn(ms, response) {
  for (const end = performance.now() + ms; performance.now() < end; );
  if (ms) reply(response, 200, `burned ${ms} ms\n`);
  else reply(response, 400, "Bad Request\n");
}

// Send n lines with a pause before each but the first.
function stream(n, ms, response) {
  let timer, i = 0;
  const next = () => { // not a loop: it asks to be called again
    response.write(`line ${++i} of ${n}\n`);
    if (i < n) timer = setTimeout(next, ms);
    else response.end();
  };
  response.writeHead(200, { "Content-Type": "text/plain" });
  response.on("close", () => clearTimeout(timer)); // the client may leave before the last
  next();
}

// Count and hash the request's body as it arrives, and hold only one piece of it at a time.
function upload(request, response) {
  const sha256 = createHash("sha256");
  let n = 0;
  request.on("data", (piece) => { sha256.update(piece); n += piece.length; });
  request.on("end", () => reply(response, 200, `${n} bytes, sha256 ${sha256.digest("hex")}\n`));
}

function number(query, name, otherwise, most) {
  const value = new URLSearchParams(query).get(name);
  return /^\d{1,6}$/.test(value) && value >= 1 && value <= most ? Number(value) : otherwise;
}

const server = createServer({ keepAliveTimeout: 75_000 }, handle).listen(port, host, () =>
  console.log("listening on %s:%d", host, server.address().port)); // with port 0, the kernel has chosen it
process.on("SIGTERM", () => server.close().closeIdleConnections()); // then nothing is left to wait for
