"""Who is asking, where, and what becomes of those who cannot prove it."""

import os
import tempfile

import oci
from oci import identity, limits

from cloud import COMPARTMENT, CONFIG, TENANCY, client, everything, refused, report

who = client(identity.IdentityClient)
domains = who.list_availability_domains(TENANCY).data
assert domains and domains[0].name.endswith("-AD-1"), domains
faults = who.list_fault_domains(TENANCY, domains[0].name).data
assert sorted(one.name for one in faults) == [f"FAULT-DOMAIN-{n}" for n in (1, 2, 3)], faults
assert who.get_tenancy(TENANCY).data.id == TENANCY
assert who.get_compartment(COMPARTMENT).data.lifecycle_state == "ACTIVE"
assert COMPARTMENT in {one.id for one in everything(who.list_compartments, TENANCY)}
regions = who.list_region_subscriptions(TENANCY).data
assert [one.region_name for one in regions if one.is_home_region] == [CONFIG["region"]], regions
assert any(one.name == CONFIG["region"] for one in who.list_regions().data)
assert who.get_user(CONFIG["user"]).data.id == CONFIG["user"]

details = identity.models.CreateCompartmentDetails(
    compartment_id=TENANCY, name="more", description="more"
)
made = who.create_compartment(details, opc_retry_token="once").data
assert who.create_compartment(details, opc_retry_token="once").data.id == made.id
assert made.id in {one.id for one in everything(who.list_compartments, TENANCY)}

bounds = client(limits.LimitsClient, "")
available = bounds.get_resource_availability("load-balancer", "lb-flexible-count", TENANCY).data
assert available.available > 0, available

# Somebody with another key, and somebody with a clock that is wrong.
with tempfile.TemporaryDirectory() as folder:
    os.system(f"openssl genrsa -out {folder}/key.pem 2048 2>/dev/null")
    stranger = identity.IdentityClient(
        {**CONFIG, "key_file": f"{folder}/key.pem"},
        service_endpoint=f"{os.environ['CLOUD_API']}/20160918",
        retry_strategy=oci.retry.NoneRetryStrategy(),
    )
    refused(401, "NotAuthenticated", stranger.list_availability_domains, TENANCY)
report()
