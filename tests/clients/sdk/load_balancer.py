"""A load balancer with every kind of child, through its work requests."""

import os
import subprocess
import tempfile

import oci
from oci import load_balancer
from oci.load_balancer import models

from cloud import COMPARTMENT, WAIT, client, everything, network, refused, report, until

lbs = client(load_balancer.LoadBalancerClient, "20170115")

net, vcn, subnet = network()


def done(response):
    """Waits for the work request of a call; its load balancer when it has succeeded."""
    work = lbs.get_work_request(response.headers["opc-work-request-id"])
    work = oci.wait_until(lbs, work, "lifecycle_state", "SUCCEEDED", **WAIT).data
    return work.load_balancer_id


for lists in (lbs.list_shapes, lbs.list_policies, lbs.list_protocols):
    assert everything(lists, COMPARTMENT), lists
assert any(shape.name == "flexible" for shape in lbs.list_shapes(COMPARTMENT).data)
assert any(policy.name == "ROUND_ROBIN" for policy in lbs.list_policies(COMPARTMENT).data)

checker = models.HealthCheckerDetails(protocol="HTTP", port=8080, url_path="/health", return_code=200)
details = models.CreateLoadBalancerDetails(
    compartment_id=COMPARTMENT,
    display_name="site",
    shape_name="flexible",
    shape_details=models.ShapeDetails(
        minimum_bandwidth_in_mbps=10, maximum_bandwidth_in_mbps=10
    ),
    subnet_ids=[subnet.id],
    backend_sets={
        "web": models.BackendSetDetails(policy="ROUND_ROBIN", health_checker=checker, backends=[])
    },
    listeners={
        "http": models.ListenerDetails(default_backend_set_name="web", port=80, protocol="HTTP")
    },
)
id = done(lbs.create_load_balancer(details, opc_retry_token="site"))
assert done(lbs.create_load_balancer(details, opc_retry_token="site")) == id
got = until(lbs, lbs.get_load_balancer(id), "ACTIVE")
assert got.ip_addresses[0].is_public and got.shape_details.minimum_bandwidth_in_mbps == 10, got
assert [one.id for one in everything(lbs.list_load_balancers, COMPARTMENT)] == [id]
assert everything(lbs.list_work_requests, id)[0].type == "CreateLoadBalancer"
refused(404, "NotAuthorizedOrNotFound", lbs.get_load_balancer, id[:-3] + "aaa")

# The whole.
etag = lbs.get_load_balancer(id).headers["etag"]
renamed = models.UpdateLoadBalancerDetails(display_name="renamed")
refused(412, "NoEtagMatch", lbs.update_load_balancer, renamed, id, if_match="nonsense")
done(lbs.update_load_balancer(renamed, id, if_match=etag))
done(
    lbs.update_load_balancer_shape(
        id,
        models.UpdateLoadBalancerShapeDetails(
            shape_name="flexible",
            shape_details=models.ShapeDetails(
                minimum_bandwidth_in_mbps=10, maximum_bandwidth_in_mbps=20
            ),
        ),
    )
)
got = lbs.get_load_balancer(id).data
assert (got.display_name, got.shape_details.maximum_bandwidth_in_mbps) == ("renamed", 20), got

# Certificates.
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        + ["-days", "2", "-subj", "/CN=www.example.net", "-addext", "subjectAltName=DNS:www.example.net"]
        + ["-keyout", f"{folder}/key", "-out", f"{folder}/crt"],
        check=True,
        capture_output=True,
    )
    key, chain = open(f"{folder}/key").read(), open(f"{folder}/crt").read()


def certificate(name, key=key):
    return lbs.create_certificate(
        models.CreateCertificateDetails(
            certificate_name=name, private_key=key, public_certificate=chain
        ),
        id,
    )


done(certificate("tls"))
listed = lbs.list_certificates(id).data
assert [one.certificate_name for one in listed] == ["tls"] and listed[0].public_certificate == chain
assert "PRIVATE" not in str(listed)

# Backend sets and backends.
done(
    lbs.create_backend_set(
        models.CreateBackendSetDetails(
            name="shop", policy="LEAST_CONNECTIONS", health_checker=checker, backends=[]
        ),
        id,
    )
)
refused(
    400,
    "InvalidParameter",
    lbs.create_backend_set,
    models.CreateBackendSetDetails(
        name="bad", policy="SOMEHOW", health_checker=checker, backends=[]
    ),
    id,
)
backend = models.CreateBackendDetails(ip_address="10.0.0.9", port=8080, weight=2)
done(lbs.create_backend(backend, id, "shop"))
(one,) = lbs.list_backends(id, "shop").data
assert (one.name, one.weight, one.drain) == ("10.0.0.9:8080", 2, False), one
done(
    lbs.update_backend(
        models.UpdateBackendDetails(weight=3, backup=False, drain=True, offline=False),
        id,
        "shop",
        "10.0.0.9:8080",
    )
)
assert lbs.get_backend(id, "shop", "10.0.0.9:8080").data.drain
assert lbs.get_backend_health(id, "shop", "10.0.0.9:8080").data.status
assert lbs.get_backend_set_health(id, "shop").data.total_backend_count == 1
assert lbs.get_load_balancer_health(id).data.status
assert {h.load_balancer_id for h in everything(lbs.list_load_balancer_healths, COMPARTMENT)} == {id}
assert lbs.get_health_checker(id, "shop").data.url_path == "/health"
done(
    lbs.update_health_checker(
        models.UpdateHealthCheckerDetails(
            protocol="HTTP",
            port=8080,
            url_path="/ready",
            return_code=200,
            retries=3,
            timeout_in_millis=3000,
            interval_in_millis=10000,
            response_body_regex=".*",
        ),
        id,
        "shop",
    )
)
assert lbs.get_health_checker(id, "shop").data.url_path == "/ready"
done(
    lbs.update_backend_set(
        models.UpdateBackendSetDetails(
            policy="IP_HASH",
            health_checker=checker,
            backends=[models.BackendDetails(ip_address="10.0.0.9", port=8080)],
        ),
        id,
        "shop",
    )
)
assert lbs.get_backend_set(id, "shop").data.policy == "IP_HASH"
assert {one.name for one in lbs.list_backend_sets(id).data} == {"web", "shop"}

# Names, paths, rules, listeners.
done(lbs.create_hostname(models.CreateHostnameDetails(name="www", hostname="www.example.net"), id))
done(lbs.update_hostname(models.UpdateHostnameDetails(hostname="w3.example.net"), id, "www"))
assert lbs.get_hostname(id, "www").data.hostname == "w3.example.net"
assert len(lbs.list_hostnames(id).data) == 1
route = models.PathRoute(
    path="/shop",
    backend_set_name="shop",
    path_match_type=models.PathMatchType(match_type="PREFIX_MATCH"),
)
done(
    lbs.create_path_route_set(
        models.CreatePathRouteSetDetails(name="paths", path_routes=[route]), id
    )
)
done(
    lbs.update_path_route_set(models.UpdatePathRouteSetDetails(path_routes=[route]), id, "paths")
)
assert lbs.get_path_route_set(id, "paths").data.path_routes[0].path == "/shop"
assert len(lbs.list_path_route_sets(id).data) == 1
header = models.AddHttpRequestHeaderRule(
    action="ADD_HTTP_REQUEST_HEADER", header="x-from", value="balancer"
)
done(lbs.create_rule_set(id, models.CreateRuleSetDetails(name="rules", items=[header])))
done(lbs.update_rule_set(id, "rules", models.UpdateRuleSetDetails(items=[header])))
assert lbs.get_rule_set(id, "rules").data.items[0].header == "x-from"
assert len(lbs.list_rule_sets(id).data) == 1
policy = models.RoutingRule(
    name="shop",
    condition="any(http.request.url.path sw '/shop')",
    actions=[models.ForwardToBackendSet(name="FORWARD_TO_BACKENDSET", backend_set_name="shop")],
)
done(
    lbs.create_routing_policy(
        models.CreateRoutingPolicyDetails(
            name="policy", condition_language_version="V1", rules=[policy]
        ),
        id,
    )
)
assert lbs.get_routing_policy(id, "policy").data.rules[0].name == "shop"
done(
    lbs.update_routing_policy(
        models.UpdateRoutingPolicyDetails(condition_language_version="V1", rules=[policy]),
        id,
        "policy",
    )
)
assert len(everything(lbs.list_routing_policies, id)) == 1
done(lbs.delete_routing_policy(id, "policy"))
tls = models.SSLConfigurationDetails(
    certificate_name="tls", verify_peer_certificate=False, protocols=["TLSv1.2"]
)
done(
    lbs.create_listener(
        models.CreateListenerDetails(
            name="https",
            default_backend_set_name="web",
            port=443,
            protocol="HTTP",
            hostname_names=["www"],
            path_route_set_name="paths",
            rule_set_names=["rules"],
            ssl_configuration=tls,
        ),
        id,
    )
)
listener = lbs.get_load_balancer(id).data.listeners["https"]
assert listener.ssl_configuration.certificate_name == "tls" and listener.hostname_names == ["www"]
assert lbs.list_listener_rules(id, "https").data
done(
    lbs.update_listener(
        models.UpdateListenerDetails(
            default_backend_set_name="web", port=8443, protocol="HTTP", ssl_configuration=tls
        ),
        id,
        "https",
    )
)
# A PUT replaces the whole.
assert lbs.get_load_balancer(id).data.listeners["https"].rule_set_names in (None, [])

# Cipher suites, groups, another compartment.
suite = models.CreateSSLCipherSuiteDetails(name="own", ciphers=["ECDHE-RSA-AES128-GCM-SHA256"])
done(lbs.create_ssl_cipher_suite(suite, id))
changed = models.UpdateSSLCipherSuiteDetails(ciphers=["ECDHE-RSA-AES256-GCM-SHA384"])
done(lbs.update_ssl_cipher_suite(changed, id, "own"))
assert lbs.get_ssl_cipher_suite(id, "own").data.ciphers == changed.ciphers
assert "own" in {one.name for one in lbs.list_ssl_cipher_suites(id).data}
done(lbs.delete_ssl_cipher_suite(id, "own"))
refused(404, "NotAuthorizedOrNotFound", lbs.get_ssl_cipher_suite, id, "own")
group = net.create_network_security_group(
    oci.core.models.CreateNetworkSecurityGroupDetails(compartment_id=COMPARTMENT, vcn_id=vcn.id)
).data
groups = models.UpdateNetworkSecurityGroupsDetails(network_security_group_ids=[group.id])
done(lbs.update_network_security_groups(groups, id))
(member,) = everything(net.list_network_security_group_vnics, group.id)
vnic = net.get_vnic(member.vnic_id).data
assert vnic.nsg_ids == [group.id] and vnic.public_ip == got.ip_addresses[0].ip_address, vnic
named = net.update_vnic(vnic.id, oci.core.models.UpdateVnicDetails(display_name="front")).data
assert named.display_name == "front", named
(primary,) = everything(net.list_private_ips, vnic_id=vnic.id)
assert primary.is_primary and primary.ip_address == vnic.private_ip, primary
refused(409, "Conflict", net.delete_network_security_group, group.id)
groups = models.UpdateNetworkSecurityGroupsDetails(network_security_group_ids=[])
done(lbs.update_network_security_groups(groups, id))
net.delete_network_security_group(group.id)
TENANCY = oci.config.from_file(os.environ["CLOUD_CONFIG"])["tenancy"]
for place in (TENANCY, COMPARTMENT):
    move = models.ChangeLoadBalancerCompartmentDetails(compartment_id=place)
    done(lbs.change_load_balancer_compartment(id, move))
    assert lbs.get_load_balancer(id).data.compartment_id == place

# What is in use stays.
refused(400, "InvalidParameter", lbs.delete_backend_set, id, "web")
done(lbs.delete_listener(id, "https"))
done(lbs.delete_rule_set(id, "rules"))
done(lbs.delete_path_route_set(id, "paths"))
done(lbs.delete_hostname(id, "www"))
done(lbs.delete_certificate(id, "tls"))
done(lbs.delete_backend(id, "shop", "10.0.0.9:8080"))
done(lbs.delete_backend_set(id, "shop"))
done(lbs.delete_listener(id, "http"))
done(lbs.delete_backend_set(id, "web"))

refused(409, "Conflict", net.delete_subnet, subnet.id)
done(lbs.delete_load_balancer(id))

# A reserved address stays when the load balancer goes.
address = net.create_public_ip(
    oci.core.models.CreatePublicIpDetails(compartment_id=COMPARTMENT, lifetime="RESERVED")
).data
details.reserved_ips = [models.ReservedIP(id=address.id)]
id = done(lbs.create_load_balancer(details))
(shown,) = lbs.get_load_balancer(id).data.ip_addresses
assert (shown.ip_address, shown.reserved_ip.id) == (address.ip_address, address.id), shown
assert net.get_public_ip(address.id).data.lifecycle_state == "ASSIGNED"
refused(409, "Conflict", net.delete_public_ip, address.id)
refused(409, "Conflict", lbs.create_load_balancer, details)
done(lbs.delete_load_balancer(id))
assert net.get_public_ip(address.id).data.lifecycle_state == "AVAILABLE"
net.delete_public_ip(address.id)
assert everything(lbs.list_load_balancers, COMPARTMENT) == []
net.delete_subnet(subnet.id)
net.delete_vcn(vcn.id)
report()
