"""The local cloud as the vendor's own Python SDK meets it: nothing here knows deployer."""

import os
import sys

import oci

CONFIG = oci.config.from_file(os.environ["CLOUD_CONFIG"])
COMPARTMENT = os.environ["CLOUD_COMPARTMENT"]
TENANCY = CONFIG["tenancy"]
# Short waits: the cloud has no latency unless it is told to.
WAIT = {"max_interval_seconds": 1, "max_wait_seconds": 30}

# Some of the SDK's clients retry what a state forbids, for minutes.
ONCE = {"retry_strategy": oci.retry.NoneRetryStrategy()}

driven = set()


def client(kind, version="20160918"):
    """A client of one service; every operation that it calls is written down."""
    made = kind(CONFIG, service_endpoint=f"{os.environ['CLOUD_API']}/{version}".rstrip("/"))
    call = made.base_client.call_api
    service = kind.__module__.split(".")[1]

    def noting(*args, **kwargs):
        driven.add(f"{service} {kwargs['operation_name']}")
        return call(*args, **kwargs)

    made.base_client.call_api = noting
    return made


def network():
    """A client of the network, a VCN, and a subnet in it."""
    net = client(oci.core.VirtualNetworkClient)
    models = oci.core.models
    vcn = net.create_vcn(
        models.CreateVcnDetails(compartment_id=COMPARTMENT, cidr_blocks=["10.0.0.0/16"])
    ).data
    subnet = net.create_subnet(
        models.CreateSubnetDetails(
            compartment_id=COMPARTMENT, vcn_id=vcn.id, cidr_block="10.0.0.0/24"
        )
    ).data
    return net, vcn, subnet


def refused(status, code, call, *args, **kwargs):
    """Asserts that a call is refused as the vendor refuses it."""
    try:
        call(*args, **kwargs)
    except oci.exceptions.ServiceError as error:
        assert (error.status, error.code) == (status, code), (status, code, error)
        assert error.headers.get("opc-request-id"), error
        return error
    raise AssertionError(f"{call.__name__} should have been refused with {status} {code}")


def everything(call, *args, **kwargs):
    """All pages of a list, two items at a time."""
    return oci.pagination.list_call_get_all_results(call, *args, limit=2, **kwargs).data


def until(of, get, state):
    """Waits as the SDK waits."""
    return oci.wait_until(of, get, "lifecycle_state", state, **WAIT).data


def report():
    for name in sorted(driven):
        print(f"driven: {name}")
    sys.stdout.flush()
