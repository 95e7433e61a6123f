"""WireMock's own Python client, unmodified, drives a workspace that it takes for a WireMock.

Usage: wiremock_python.py BASE_URL ADDRESS; the base URL has the workspace's token in it.
"""

import sys

import requests
from wiremock.client import (
    GlobalSetting, GlobalSettings, HttpMethods, Mapping, MappingRequest, MappingResponse, Mappings, NearMisses, NearMissMatchPatternRequest,
    NearMissMatchRequest, Requests, Scenarios,
)
from wiremock.constants import Config

BASE, ADDRESS = sys.argv[1:]
Config.base_url = f"{BASE}/__admin"


def get(path):
    return requests.get(ADDRESS + path, timeout=30)


def of(path, body, **more):
    return Mapping(priority=5, request=MappingRequest(method=HttpMethods.GET, url=path), response=MappingResponse(status=200, body=body), persistent=False, **more)


Mappings.delete_all_mappings()
hello = Mappings.create_mapping(of("/hello", "hi", scenario_name="s", required_scenario_state="Started", new_scenario_state="two"))
assert get("/hello").text == "hi"
assert get("/hello").status_code == 404, "the scenario has gone on"
Scenarios.reset_all_scenarios()
assert get("/hello").text == "hi"
assert Mappings.retrieve_all_mappings().meta.total == 1
assert Mappings.retrieve_mapping(hello).request.url == "/hello"
hello.priority = 3
assert Mappings.update_mapping(hello).priority == 3
Mappings.persist_mappings()

asked = NearMissMatchPatternRequest(url="/hello", method="GET")
assert Requests.get_matching_request_count(asked).count == 3
received = Requests.get_all_received_requests()
assert received.meta.total == 3
assert Requests.get_request(received.requests[0].id).request.url == "/hello"
assert len(Requests.get_unmatched_requests().requests) == 1
near = NearMisses.find_nearest_misses_by_request(NearMissMatchRequest(url="/hellx", absolute_url=f"{ADDRESS}/hellx", method="GET")).near_misses
assert 0 < near[0].match_result.distance < 1, near[0].match_result.distance
assert NearMisses.find_nearest_misses_by_request_pattern(NearMissMatchPatternRequest(url="/hellx", method="GET")).near_misses
Requests.reset_request_journal()
assert Requests.get_all_received_requests().meta.total == 0

GlobalSettings.update_global_settings(GlobalSetting(fixed_delay=300))
Mappings.create_mapping(of("/later", "late"))
assert get("/later").elapsed.total_seconds() >= 0.3
Mappings.delete_mapping(hello)
assert [mapping.request.url for mapping in Mappings.retrieve_all_mappings().mappings] == ["/later"]
Mappings.reset_mappings()
assert get("/later").status_code == 404
print("done")
