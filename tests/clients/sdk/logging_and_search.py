"""Logs of a load balancer, and the search in what it wrote."""

import datetime
import json
import os
import time
import urllib.error
import urllib.request

import oci
from oci import load_balancer, logging, loggingsearch
from oci.core import models as core
from oci.load_balancer import models as balancer_models
from oci.logging import models

from cloud import COMPARTMENT, WAIT, client, everything, network, refused, report

lbs = client(load_balancer.LoadBalancerClient, "20170115")
logs = client(logging.LoggingManagementClient, "20200531")
search = client(loggingsearch.LogSearchClient, "20190909")


def done(response):
    """Waits for the work request of a call; what it is about when it has succeeded."""
    work = logs.get_work_request(response.headers["opc-work-request-id"])
    work = oci.wait_until(logs, work, "status", "SUCCEEDED", **WAIT).data
    return work.resources[0].identifier


def balanced(response):
    work = lbs.get_work_request(response.headers["opc-work-request-id"])
    return oci.wait_until(lbs, work, "lifecycle_state", "SUCCEEDED", **WAIT).data.load_balancer_id


net, vcn, subnet = network()
# Port 80 is reached from the internet.
internet = net.create_internet_gateway(
    core.CreateInternetGatewayDetails(compartment_id=COMPARTMENT, vcn_id=vcn.id, is_enabled=True)
).data
way = core.RouteRule(
    destination="0.0.0.0/0", destination_type="CIDR_BLOCK", network_entity_id=internet.id
)
net.update_route_table(
    vcn.default_route_table_id, core.UpdateRouteTableDetails(route_rules=[way])
)
ports = core.TcpOptions(destination_port_range=core.PortRange(min=80, max=80))
door = core.IngressSecurityRule(protocol="6", source="0.0.0.0/0", tcp_options=ports)
net.update_security_list(
    vcn.default_security_list_id, core.UpdateSecurityListDetails(ingress_security_rules=[door])
)
lb = balanced(
    lbs.create_load_balancer(
        balancer_models.CreateLoadBalancerDetails(
            compartment_id=COMPARTMENT,
            display_name="site",
            shape_name="flexible",
            shape_details=balancer_models.ShapeDetails(
                minimum_bandwidth_in_mbps=10, maximum_bandwidth_in_mbps=10
            ),
            subnet_ids=[subnet.id],
            backend_sets={
                "web": balancer_models.BackendSetDetails(
                    policy="ROUND_ROBIN",
                    health_checker=balancer_models.HealthCheckerDetails(protocol="TCP", port=80),
                )
            },
            listeners={
                "http": balancer_models.ListenerDetails(
                    default_backend_set_name="web", port=80, protocol="HTTP"
                )
            },
        )
    )
)

# What there can be logs of.
(service,) = logs.list_services().data
(kind,) = service.resource_types
assert [category.name for category in kind.categories] == ["access", "error"], service


def create_group(name, **kwargs):
    return logs.create_log_group(
        models.CreateLogGroupDetails(compartment_id=COMPARTMENT, display_name=name), **kwargs
    )


made = create_group("site", opc_retry_token="site")
group = done(made)
assert done(create_group("site", opc_retry_token="site")) == group
refused(409, "Conflict", create_group, "site")
refused(409, "InvalidatedRetryToken", create_group, "other", opc_retry_token="site")
work = made.headers["opc-work-request-id"]
assert logs.get_work_request(work).data.operation_type == "CREATE_LOG_GROUP"
assert logs.list_work_request_logs(work).data[0].message
assert work in {one.id for one in everything(logs.list_work_requests, COMPARTMENT)}
refused(409, "IncorrectState", logs.delete_work_request, work)
got = logs.get_log_group(group)
assert got.data.lifecycle_state == "ACTIVE", got.data
change = models.UpdateLogGroupDetails(description="of the site")
refused(412, "NoEtagMatch", logs.update_log_group, group, change, if_match="nonsense")
done(logs.update_log_group(group, change, if_match=got.headers["etag"]))
(one,) = everything(logs.list_log_groups, COMPARTMENT, display_name="site")
assert (one.id, one.description) == (group, "of the site"), one


def create_log(name, category="access", resource=lb, days=30):
    source = models.OciService(service="loadbalancer", resource=resource, category=category)
    return logs.create_log(
        group,
        models.CreateLogDetails(
            display_name=name,
            log_type="SERVICE",
            retention_duration=days,
            configuration=models.Configuration(source=source),
        ),
    )


log = done(create_log("access"))
refused(409, "Conflict", create_log, "twice")
refused(409, "Conflict", create_log, "access", "error")
refused(400, "InvalidParameter", create_log, "bad", "audit")
refused(400, "InvalidParameter", create_log, "bad", "error", days=31)
refused(404, "NotAuthorizedOrNotFound", create_log, "bad", "error", resource=lb[:-3] + "aaa")
got = logs.get_log(group, log).data
assert (got.lifecycle_state, got.is_enabled, got.configuration.source.resource) == ("ACTIVE", True, lb)
(one,) = everything(logs.list_logs, group, source_resource=lb, log_type="SERVICE")
assert one.id == log, one

# Requests, from outside: nobody answers behind this load balancer, so it says 502.
addresses = urllib.request.Request(
    os.environ["CLOUD_API"] + "/_localcloud/addresses",
    headers={"authorization": "Bearer " + os.environ["CLOUD_ADMIN_TOKEN"]},
)
listening = lbs.get_load_balancer(lb).data.ip_addresses[0].ip_address + ":80"


def eventually(look):
    for _ in range(300):
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{look.__name__} found nothing")


def reached():
    return json.load(urllib.request.urlopen(addresses)).get(listening)


address = eventually(reached)


def visit(path):
    request = urllib.request.Request(f"http://{address}{path}", headers={"host": "www.example.net"})
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        return error.code
    raise AssertionError("nobody should have answered")


now = datetime.datetime.now(datetime.timezone.utc)
hour = datetime.timedelta(hours=1)


def find(query, **kwargs):
    details = loggingsearch.models.SearchLogsDetails(
        time_start=now - hour, time_end=now + hour, search_query=query, is_return_field_info=True
    )
    return search.search_logs(details, **kwargs)


def requests(query, **kwargs):
    found = find(query, **kwargs).data.results
    return [one.data["logContent"]["data"]["request"].split()[1].split("example.net")[1] for one in found]


for path in ("/one", "/two", "/three"):
    assert visit(path) == 502
scope = f'search "{COMPARTMENT}/{group}/{log}"'
eventually(lambda: len(find(scope).data.results) == 3)
assert requests(f"{scope} | sort by datetime asc") == ["/one", "/two", "/three"]
assert requests(f"{scope} | where data.lbStatusCode = '502' and data.request = '*/two *'") == ["/two"]
assert requests(f"{scope} | where data.lbStatusCode != '502'") == []
assert requests(f'search "{COMPARTMENT}/site" | sort by datetime desc | limit 1') == ["/three"]
first = find(f"{scope} | sort by datetime asc", limit=2)
assert first.data.summary.result_count == 2 and first.headers["opc-next-page"]
assert any(field.field_name == "logContent.data.host" for field in first.data.fields), first.data.fields
rest = requests(f"{scope} | sort by datetime asc", page=first.headers["opc-next-page"])
assert rest == ["/three"], rest
row = first.data.results[0].data["logContent"]
assert row["type"] == "com.oraclecloud.loadbalancer.access", row
assert row["oracle"]["loggroupid"] == group and row["oracle"]["resourceid"] == lb, row
refused(400, "InvalidParameter", find, f"{scope} | summarize count()")
refused(404, "NotAuthorizedOrNotFound", find, f'search "{COMPARTMENT}/nothing"')

# A log that is not enabled collects nothing.
done(logs.update_log(group, log, models.UpdateLogDetails(is_enabled=False)))
assert logs.get_log(group, log).data.lifecycle_state == "INACTIVE"
assert visit("/unseen") == 502
other = done(create_group("other"))
done(
    logs.change_log_log_group(
        group, log, models.ChangeLogLogGroupDetails(target_log_group_id=other)
    )
)
done(logs.update_log(other, log, models.UpdateLogDetails(is_enabled=True)))
assert visit("/seen") == 502
eventually(lambda: requests(f'search "{COMPARTMENT}/{other}" | limit 1') == ["/seen"])

# A group goes when it is empty.
refused(409, "Conflict", logs.delete_log_group, other)
done(logs.delete_log(other, log))
refused(404, "NotAuthorizedOrNotFound", logs.get_log, other, log)
for gone in (group, other):
    done(logs.delete_log_group(gone))
assert everything(logs.list_log_groups, COMPARTMENT) == []
balanced(lbs.delete_load_balancer(lb))
net.delete_subnet(subnet.id)
net.update_route_table(vcn.default_route_table_id, core.UpdateRouteTableDetails(route_rules=[]))
net.delete_internet_gateway(internet.id)
net.delete_vcn(vcn.id)
report()
