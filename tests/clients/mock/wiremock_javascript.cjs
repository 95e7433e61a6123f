// WireMock's JavaScript client, unmodified, drives a workspace that it takes for a WireMock.
//
// Usage: node wiremock_javascript.cjs BASE_URL ADDRESS, in a folder with node_modules; the base URL has the workspace's token
// in it. The client resolves paths against it as a browser does, so here it ends with a slash.

const assert = require("node:assert/strict");
const { createRequire } = require("node:module");
const { WireMockRestClient } = createRequire(`${process.cwd()}/`)("wiremock-rest-client");

const [base, address] = process.argv.slice(2);
const client = new WireMockRestClient(`${base}/`, { logLevel: "error" });
const get = (path) => fetch(address + path);
const stub = (url, body, more = {}) => ({ request: { method: "GET", url }, response: { status: 200, body }, ...more });

async function main() {
  await client.global.resetAll();
  const first = await client.mappings.createMapping(stub("/a", "one", { metadata: { kind: "x" } }));
  assert.equal(await (await get("/a")).text(), "one");
  await client.mappings.updateMapping(first.id, stub("/a", "two", { metadata: { kind: "x" } }));
  assert.equal(await (await get("/a")).text(), "two");
  assert.equal((await client.mappings.getAllMappings()).meta.total, 1);
  assert.equal((await client.mappings.getMapping(first.id)).response.body, "two");
  const found = await client.mappings.findByMetaData({ matchesJsonPath: { expression: "$.kind", equalTo: "x" } });
  assert.equal(found.mappings.length, 1);

  assert.equal((await get("/b")).status, 404);
  assert.equal((await client.requests.getAllRequests()).meta.total, 3);
  assert.equal((await client.requests.getCount({ method: "GET", url: "/a" })).count, 2);
  assert.equal((await client.requests.findRequests({ method: "GET", url: "/a" })).requests.length, 2);
  assert.equal((await client.requests.getUnmatchedRequests()).requests.length, 1);
  assert.equal((await client.requests.getUnmatchedNearMisses()).nearMisses[0].request.url, "/b");
  await client.requests.removeRequests({ method: "GET", url: "/a" });
  assert.equal((await client.requests.getAllRequests()).meta.total, 1);
  await client.requests.deleteAllRequests();

  await client.mappings.createMapping(stub("/s", "closed", { scenarioName: "door", requiredScenarioState: "Started", newScenarioState: "open" }));
  await client.mappings.createMapping(stub("/s", "open", { scenarioName: "door", requiredScenarioState: "open" }));
  assert.equal(await (await get("/s")).text(), "closed");
  assert.equal((await client.scenarios.getAllScenarios()).scenarios[0].state, "open");
  await client.scenarios.resetAllScenarios();
  assert.equal(await (await get("/s")).text(), "closed");

  await client.global.updateGlobalSettings({ fixedDelay: 1 });
  await client.mappings.removeByMetaData({ matchesJsonPath: { expression: "$.kind", equalTo: "x" } });
  assert.equal((await client.mappings.getAllMappings()).meta.total, 2);
  await client.mappings.deleteAllMappings();
  assert.equal((await get("/s")).status, 404);
  process.stdout.write("done\n");
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
