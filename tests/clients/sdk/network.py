"""A network with everything in it, from nothing to nothing."""

from oci import core
from oci.core import models

from cloud import COMPARTMENT, client, everything, refused, report

net = client(core.VirtualNetworkClient)


def create_vcn(name, cidr, **kwargs):
    details = models.CreateVcnDetails(
        compartment_id=COMPARTMENT, display_name=name, cidr_blocks=[cidr], dns_label="site"
    )
    return net.create_vcn(details, **kwargs)


vcn = create_vcn("site", "10.0.0.0/16").data
assert vcn.lifecycle_state == "AVAILABLE" and vcn.cidr_block == "10.0.0.0/16", vcn
assert vcn.vcn_domain_name == "site.oraclevcn.com", vcn

# Twice with one token: the same network; another body with it is refused.
one = create_vcn("twice", "10.1.0.0/16", opc_retry_token="once")
two = create_vcn("twice", "10.1.0.0/16", opc_retry_token="once")
assert one.data.id == two.data.id
refused(409, "InvalidatedRetryToken", create_vcn, "other", "10.2.0.0/16", opc_retry_token="once")
refused(400, "InvalidParameter", create_vcn, "bad", "10.0.0.0/99")
refused(404, "NotAuthorizedOrNotFound", net.get_vcn, vcn.id[:-4] + "aaaa")

# Versions.
got = net.get_vcn(vcn.id)
renamed = models.UpdateVcnDetails(display_name="renamed")
refused(412, "NoEtagMatch", net.update_vcn, vcn.id, renamed, if_match="nonsense")
after = net.update_vcn(vcn.id, renamed, if_match=got.headers["etag"])
assert after.data.display_name == "renamed" and after.headers["etag"] != got.headers["etag"]
assert {v.id for v in everything(net.list_vcns, COMPARTMENT)} >= {vcn.id, one.data.id}

internet = net.create_internet_gateway(
    models.CreateInternetGatewayDetails(compartment_id=COMPARTMENT, vcn_id=vcn.id, is_enabled=True)
).data
nat = net.create_nat_gateway(
    models.CreateNatGatewayDetails(compartment_id=COMPARTMENT, vcn_id=vcn.id)
).data
assert nat.nat_ip, nat
table = net.create_route_table(
    models.CreateRouteTableDetails(
        compartment_id=COMPARTMENT,
        vcn_id=vcn.id,
        route_rules=[
            models.RouteRule(
                destination="0.0.0.0/0",
                destination_type="CIDR_BLOCK",
                network_entity_id=internet.id,
            )
        ],
    )
).data
closed = net.create_security_list(
    models.CreateSecurityListDetails(
        compartment_id=COMPARTMENT,
        vcn_id=vcn.id,
        ingress_security_rules=[],
        egress_security_rules=[
            models.EgressSecurityRule(destination="0.0.0.0/0", protocol="all")
        ],
    )
).data


def create_subnet(cidr, **kwargs):
    return net.create_subnet(
        models.CreateSubnetDetails(
            compartment_id=COMPARTMENT,
            vcn_id=vcn.id,
            cidr_block=cidr,
            route_table_id=table.id,
            security_list_ids=[closed.id],
            **kwargs,
        )
    )


subnet = create_subnet("10.0.1.0/24", dns_label="front").data
assert subnet.subnet_domain_name == "front.site.oraclevcn.com", subnet
refused(400, "InvalidParameter", create_subnet, "10.0.1.128/25")
refused(400, "InvalidParameter", create_subnet, "192.168.0.0/24")

group = net.create_network_security_group(
    models.CreateNetworkSecurityGroupDetails(compartment_id=COMPARTMENT, vcn_id=vcn.id)
).data
rules = net.add_network_security_group_security_rules(
    group.id,
    models.AddNetworkSecurityGroupSecurityRulesDetails(
        security_rules=[
            models.AddSecurityRuleDetails(
                direction="INGRESS",
                protocol="6",
                source=f"10.{n}.0.0/16",
                source_type="CIDR_BLOCK",
                tcp_options=models.TcpOptions(
                    destination_port_range=models.PortRange(min=443, max=443)
                ),
            )
            for n in range(3)
        ]
    ),
).data.security_rules
assert len(rules) == 3 and all(rule.is_valid for rule in rules)
changed = models.UpdateSecurityRuleDetails(
    id=rules[0].id, direction="INGRESS", protocol="all", source="10.9.0.0/16", source_type="CIDR_BLOCK"
)
net.update_network_security_group_security_rules(
    group.id, models.UpdateNetworkSecurityGroupSecurityRulesDetails(security_rules=[changed])
)
listed = everything(net.list_network_security_group_security_rules, group.id)
assert {rule.source for rule in listed} == {"10.9.0.0/16", "10.1.0.0/16", "10.2.0.0/16"}, listed
net.remove_network_security_group_security_rules(
    group.id,
    models.RemoveNetworkSecurityGroupSecurityRulesDetails(security_rule_ids=[rules[1].id]),
)
assert len(everything(net.list_network_security_group_security_rules, group.id)) == 2


# What the lists of a network leave to others: gateways to the vendor's services.
services = everything(net.list_services)
assert len(services) == 2 and net.get_service(services[0].id).data.name == services[0].name
reach = net.create_service_gateway(
    models.CreateServiceGatewayDetails(
        compartment_id=COMPARTMENT,
        vcn_id=vcn.id,
        services=[models.ServiceIdRequestDetails(service_id=services[0].id)],
    )
).data
assert reach.services[0].service_name == services[0].name, reach
net.update_service_gateway(reach.id, models.UpdateServiceGatewayDetails(display_name="reach"))
assert net.get_service_gateway(reach.id).data.display_name == "reach"
assert [one.id for one in everything(net.list_service_gateways, COMPARTMENT)] == [reach.id]
net.delete_service_gateway(reach.id)

net.update_internet_gateway(internet.id, models.UpdateInternetGatewayDetails(is_enabled=False))
assert not net.get_internet_gateway(internet.id).data.is_enabled
net.update_nat_gateway(nat.id, models.UpdateNatGatewayDetails(block_traffic=True))
assert net.get_nat_gateway(nat.id).data.block_traffic
net.update_subnet(subnet.id, models.UpdateSubnetDetails(display_name="front"))
assert net.get_subnet(subnet.id).data.display_name == "front"
net.update_security_list(
    closed.id, models.UpdateSecurityListDetails(egress_security_rules=[], ingress_security_rules=[])
)
assert net.get_security_list(closed.id).data.egress_security_rules == []
net.update_network_security_group(
    group.id, models.UpdateNetworkSecurityGroupDetails(display_name="group")
)
assert net.get_network_security_group(group.id).data.display_name == "group"

listed = everything(net.list_network_security_groups, compartment_id=COMPARTMENT, vcn_id=vcn.id)
assert [one.id for one in listed] == [group.id], listed

# Public addresses, and private ones with and without an interface.
address = net.create_public_ip(
    models.CreatePublicIpDetails(compartment_id=COMPARTMENT, lifetime="RESERVED")
).data
assert address.lifecycle_state == "AVAILABLE" and address.ip_address, address
named = models.UpdatePublicIpDetails(display_name="front")
refused(412, "NoEtagMatch", net.update_public_ip, address.id, named, if_match="nonsense")
assert net.update_public_ip(address.id, named).data.display_name == "front"
by_address = models.GetPublicIpByIpAddressDetails(ip_address=address.ip_address)
assert net.get_public_ip_by_ip_address(by_address).data.id == address.id
(listed,) = everything(net.list_public_ips, "REGION", COMPARTMENT, lifetime="RESERVED")
assert listed.display_name == "front", listed
net.delete_public_ip(address.id)
refused(404, "NotAuthorizedOrNotFound", net.get_public_ip, address.id)
details = models.CreatePrivateIpDetails(subnet_id=subnet.id, lifetime="RESERVED")
private = net.create_private_ip(details).data
assert (private.ip_address, private.ip_state) == ("10.0.1.2", "AVAILABLE"), private
net.update_private_ip(private.id, models.UpdatePrivateIpDetails(display_name="spare"))
assert net.get_private_ip(private.id).data.display_name == "spare"
assert [one.id for one in everything(net.list_private_ips, subnet_id=subnet.id)] == [private.id]
refused(409, "Conflict", net.delete_subnet, subnet.id)
net.delete_private_ip(private.id)

# Nothing goes while something needs it.
refused(409, "Conflict", net.delete_vcn, vcn.id)
refused(409, "Conflict", net.delete_internet_gateway, internet.id)
refused(409, "Conflict", net.delete_security_list, closed.id)
net.delete_subnet(subnet.id)
net.update_route_table(table.id, models.UpdateRouteTableDetails(route_rules=[]))
assert net.get_route_table(table.id).data.route_rules == []
net.delete_network_security_group(group.id)
net.delete_route_table(table.id)
net.delete_security_list(closed.id)
net.delete_internet_gateway(internet.id)
net.delete_nat_gateway(nat.id)
for gone in (vcn.id, one.data.id):
    net.delete_vcn(gone)
for lists in (
    net.list_subnets,
    net.list_route_tables,
    net.list_security_lists,
    net.list_internet_gateways,
    net.list_nat_gateways,
):
    assert everything(lists, COMPARTMENT) == [], lists
report()
