"""Container instances with the vendor's SDK: made, stopped, started, changed, read, deleted."""

import oci
from oci import container_instances
from oci.container_instances import models
from oci.identity import IdentityClient

from cloud import (
    COMPARTMENT,
    ONCE,
    TENANCY,
    WAIT,
    client,
    everything,
    network,
    refused,
    report,
    until,
)

identity = client(IdentityClient)
instances = client(container_instances.ContainerInstanceClient, "20210415")

net, vcn, subnet = network()
domain = identity.list_availability_domains(TENANCY).data[0].name
shapes = instances.list_container_instance_shapes(COMPARTMENT).data.items
assert any(shape.name == "CI.Standard.E4.Flex" for shape in shapes), shapes


def details(name, **kwargs):
    return models.CreateContainerInstanceDetails(
        compartment_id=COMPARTMENT,
        availability_domain=domain,
        display_name=name,
        shape="CI.Standard.E4.Flex",
        shape_config=models.CreateContainerInstanceShapeConfigDetails(ocpus=1, memory_in_gbs=2),
        vnics=[models.CreateContainerVnicDetails(subnet_id=subnet.id, is_public_ip_assigned=False)],
        containers=[
            models.CreateContainerDetails(
                image_url="docker.io/library/nobody-has-this:1",
                environment_variables={"PORT": "8080"},
            )
        ],
        **kwargs,
    )


refused(
    404,
    "NotAuthorizedOrNotFound",
    instances.get_container_instance,
    "ocid1.computecontainerinstance.oc1.uk-london-1.aaaa",
)
bad = details("bad")
bad.containers = []
refused(400, "InvalidParameter", instances.create_container_instance, bad)
bad = details("bad")
bad.shape = "CI.Nothing"
refused(400, "InvalidParameter", instances.create_container_instance, bad)

# An image that nobody has: accepted, and the work request says why it failed.
made = instances.create_container_instance(details("site"), opc_retry_token="once")
again = instances.create_container_instance(details("site"), opc_retry_token="once")
assert made.data.id == again.data.id and made.data.lifecycle_state == "CREATING", made.data
work = instances.get_work_request(made.headers["opc-work-request-id"])
work = oci.wait_until(instances, work, "status", "FAILED", **WAIT).data
assert work.operation_type == "CREATE_CONTAINER_INSTANCE", work
errors = everything(instances.list_work_request_errors, work.id)
assert errors and errors[0].message, errors
assert everything(instances.list_work_request_logs, work.id) is not None
failed = until(instances, instances.get_container_instance(made.data.id), "FAILED")
listed = everything(instances.list_container_instances, COMPARTMENT)
assert [one.id for one in listed] == [failed.id], listed
assert work.id in {one.id for one in everything(instances.list_work_requests, compartment_id=COMPARTMENT)}

# Its container can be read; an instance that failed cannot be used.
container = failed.containers[0].container_id
shown = instances.get_container(container).data
assert shown.environment_variables == {"PORT": "8080"}, shown
assert [one.id for one in everything(instances.list_containers, COMPARTMENT)] == [container]
assert instances.retrieve_logs(container).data.content == b""
changed = instances.update_container(
    container, models.UpdateContainerDetails(display_name="web")
)
work = instances.get_work_request(changed.headers["opc-work-request-id"])
oci.wait_until(instances, work, "status", "SUCCEEDED", **WAIT)
assert instances.get_container(container).data.display_name == "web"
for call, *more in (
    (instances.start_container_instance,),
    (instances.stop_container_instance,),
    (instances.restart_container_instance,),
    (
        instances.update_container_instance,
        models.UpdateContainerInstanceDetails(display_name="other"),
    ),
    (
        instances.change_container_instance_compartment,
        models.ChangeContainerInstanceCompartmentDetails(compartment_id=TENANCY),
    ),
):
    refused(409, "IncorrectState", call, failed.id, *more, **ONCE)
    refused(412, "NoEtagMatch", call, failed.id, *more, if_match="nonsense")

gone = instances.delete_container_instance(failed.id)
work = instances.get_work_request(gone.headers["opc-work-request-id"])
oci.wait_until(instances, work, "status", "SUCCEEDED", **WAIT)
assert instances.get_container_instance(failed.id).data.lifecycle_state == "DELETED"
net.delete_subnet(subnet.id)
net.delete_vcn(vcn.id)
report()
