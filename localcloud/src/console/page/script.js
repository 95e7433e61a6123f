// Asks the cloud for its state once a second, while somebody looks, and shows it.

import { draw, move } from "./picture.js";

const PAUSE = 1000; // milliseconds between two looks
const KEPT = 200; // rows of a table
const TOKEN = "localcloud-token";

const token = takeToken();
const known = { calls: 0, requests: 0 };
let first = true;

/** The token behind the # of the URL, which then goes from the address bar. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(TOKEN, given);
    history.replaceState(null, "", location.pathname);
  }
  return given ?? sessionStorage.getItem(TOKEN) ?? "";
}

function say(text, mood) {
  const connection = document.getElementById("connection");
  if (connection.textContent !== text) connection.textContent = text;
  connection.dataset.mood = mood;
}

async function look() {
  const query = new URLSearchParams(known);
  let answer;
  try {
    answer = await fetch(`console/state?${query}`, { headers: { authorization: `Bearer ${token}` } });
  } catch {
    return say("the cloud does not answer; is it running?", "bad");
  }
  if (answer.status === 401) {
    say("not allowed; open the URL that `deployer local console` prints", "bad");
    return true;
  }
  if (!answer.ok) return say(`the cloud answers ${answer.status}`, "bad");
  show(await answer.json());
}

function show(state) {
  say("live", "good");
  const ahead = state.ahead_seconds ? `, ${days(state.ahead_seconds)} ahead` : "";
  document.getElementById("clock").textContent = `${clockTime(state.now)} UTC${ahead}`;
  draw(state.graph);
  const titles = new Map(state.graph.nodes.map((node) => [node.id, node.title]));
  for (const { request, way } of state.requests) {
    known.requests = Math.max(known.requests, request.number);
    add("requests", requestRow(request, titles));
    // What came before somebody looked is told, not replayed.
    if (!first && !document.hidden) move(way);
  }
  for (const call of state.calls) {
    known.calls = Math.max(known.calls, call.number);
    add("calls", callRow(call));
  }
  document.querySelector("#certificates tbody").replaceChildren(...state.certificates.map(certificateRow));
  first = false;
}

function days(seconds) {
  const count = Math.round(seconds / 86400);
  return count >= 1 ? `${count} day${count === 1 ? "" : "s"}` : `${Math.round(seconds / 3600)} h`;
}

const clockTime = (stamp) => stamp.slice(0, 19).replace("T", " ");

function add(table, row) {
  const body = document.querySelector(`#${table} tbody`);
  body.prepend(row);
  while (body.rows.length > KEPT) body.lastChild.remove();
}

function row(cells) {
  const row = document.createElement("tr");
  for (const [text, name] of cells) {
    const cell = row.insertCell();
    cell.textContent = text;
    if (name) cell.className = name;
  }
  return row;
}

const mood = (status) => (status >= 500 || status === 0 ? "bad" : status >= 400 ? "waiting" : "");

function requestRow(request, titles) {
  const by = request.answered_by;
  const asked = (by.backends ?? []).map((name) => `${titles.get(`backend ${name}`) ?? "?"} (${name})`);
  const who = by.kind === "edge" ? "edge" : asked.join(", ") || `load balancer, listener ${by.listener}`;
  return row([
    [clockTime(request.time).slice(11), "number"],
    [`${request.method} ${request.host}${request.target}`],
    [request.status, mood(request.status)],
    [request.seconds, "number"],
    [who],
  ]);
}

function certificateRow(held) {
  const left = held.days_left;
  const name = left === null || left < 0 ? "bad" : left < 14 ? "waiting" : "";
  const end = left === null ? "unreadable" : left < 0 ? "over" : `in ${left} day${left === 1 ? "" : "s"}`;
  return row([
    [held.names.join(", ")],
    [end, name],
    [held.issuer],
    [`${held.name} of ${held.load_balancer}`],
    [held.listeners.join(", ") || "none"],
  ]);
}

function callRow(call) {
  const outcome = call.outcome === "answered" ? "" : ` ${call.outcome}`;
  const element = row([
    [call.number, "number"],
    [clockTime(call.time).slice(11), "number"],
    [call.service],
    [call.operation || `${call.method} ${call.path}`],
    [`${call.status}${outcome}`, mood(call.status)],
    [call.micros < 1000 ? `${call.micros} µs` : `${(call.micros / 1000).toFixed(1)} ms`, "number"],
    [call.actor],
  ]);
  element.title = `${call.method} ${call.path}`;
  element.dataset.changes = call.mutating;
  hide(element);
  return element;
}

function hide(row) {
  const text = document.getElementById("find").value.toLowerCase();
  const told = `${row.textContent} ${row.title}`.toLowerCase();
  const changes = document.getElementById("changes").checked;
  row.hidden = (changes && row.dataset.changes !== "true") || !told.includes(text);
}

for (const choice of ["changes", "find"]) {
  document.getElementById(choice).addEventListener("input", () => document.querySelectorAll("#calls tbody tr").forEach(hide));
}

async function keepLooking() {
  const over = document.hidden ? false : await look();
  if (!over) setTimeout(keepLooking, PAUSE);
}
keepLooking();
