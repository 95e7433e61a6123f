#!/usr/bin/env python3
"""Regenerates oci.json from the vendor's Python SDK (PyPI package `oci`).

    python3 -m venv /tmp/sdk && /tmp/sdk/bin/pip install oci
    /tmp/sdk/bin/python tests/contracts/generate_oci.py [service.operation ...]

The operations that oci.json names stay; those named on the command line are added. Everything
about them, and the models that they reach, is read from the SDK's source, not from its objects:
the source says which fields are required, the objects do not.
"""

import ast
import json
import pathlib
import re
import sys

import oci

CONTRACT = pathlib.Path(__file__).with_name("oci.json")
SDK = pathlib.Path(oci.__file__).parent
CLIENTS = {
    "artifacts": "artifacts/artifacts_client.py",
    "container_instances": "container_instances/container_instance_client.py",
    "core": "core/virtual_network_client.py",
    "identity": "identity/identity_client.py",
    "load_balancer": "load_balancer/load_balancer_client.py",
    "logging": "logging/logging_management_client.py",
    "loggingsearch": "loggingsearch/log_search_client.py",
    "object_storage": "object_storage/object_storage_client.py",
}


def literal(pattern, source):
    """The literal that the pattern's group finds, or None."""
    found = re.search(pattern, source, re.DOTALL)
    return ast.literal_eval(found.group(1)) if found else None


def keys(name, source):
    """The keys of the dict `name`, in order."""
    found = re.search(rf"\n        {name} = {{(.*?)\n        }}", source, re.DOTALL)
    return re.findall(r'^\s*[\'"]([^\'"]+)[\'"]:', found.group(1), re.MULTILINE) if found else []


def operation(source, base_path):
    """One operation out of the source of its method."""
    # In lower case these two are set by the SDK itself; `Content-Type` is an argument of the caller.
    headers = [h for h in keys("header_params", source) if h not in ("accept", "content-type")]
    query_enums = {
        name: ast.literal_eval(values)
        for name, values in re.findall(r"(\w+)_allowed_values = (\[.*?\])", source, re.DOTALL)
    }
    body = re.search(r"\bbody=(\w+)", source)
    found = {
        "method": literal(r"\n        method = (\".*?\")", source),
        "path": base_path + literal(r"resource_path = (\".*?\")", source),
        "path_params": keys("path_params", source),
        "query": keys("query_params", source),
        "query_enums": query_enums,
        "headers": headers,
        "required": literal(r"required_arguments = (\[.*?\])", source),
        "body": body and body_type(body.group(1), source),
        "response": literal(r"response_type=(\".*?\")", source),
    }
    return {name: value for name, value in found.items() if value}


def body_type(argument, source):
    """The model of a body, `stream` for bytes."""
    found = re.search(rf":param (\S+) {argument}:", source)
    return found.group(1).rsplit(".", 1)[-1] if found and ".models." in found.group(1) else "stream"


def model(service, name):
    """One model out of its file; None for what is no model."""
    source = model_source(service, name)
    if not source:
        return None
    types = literal(r"self\.swagger_types = ({.*?})", source)
    wire = literal(r"self\.attribute_map = ({.*?})", source)
    fields = {wire[name]: field(name, kind, source) for name, kind in types.items()}
    described = {"fields": fields}
    own = source.partition("\nclass ")[2].partition("\nclass ")[0]
    subtype = re.search(r"object_dictionary\['(\w+)'\]", own)
    if subtype:
        mapping = re.findall(r"if type == '([^']*)':\s*return '(\w+)'", own)
        described["discriminator"] = {"field": subtype.group(1), "mapping": dict(mapping)}
    return described


def model_source(service, name):
    """The source of a model, followed by that of the model that it inherits from."""
    models = SDK / service / "models"
    found = re.search(rf"from \.(\w+) import {name}\b", (models / "__init__.py").read_text())
    if not found:
        return ""
    source = (models / f"{found.group(1)}.py").read_text()
    parent = re.search(rf"class {name}\((\w+)\)", source).group(1)
    return source + (model_source(service, parent) if parent != "object" else "")


def field(name, kind, source):
    """One field: its type, whether it is required, which words it may have."""
    described = {"type": kind}
    getter = re.search(rf"def {name}\(self\):\s*\"\"\"(.*?)\"\"\"", source, re.DOTALL)
    if getter and "**[Required]**" in getter.group(1):
        described["required"] = True
    setter = re.search(rf"def {name}\(self, {name}\):(.*?)(?=\n    @|\n    def )", source, re.DOTALL)
    allowed = setter and literal(r"allowed_values = (\[.*?\])", setter.group(1))
    if allowed:
        described["enum"] = allowed
    return described


def reached(service, operations):
    """All models that the operations lead to."""
    waiting = [kind for o in operations.values() for kind in (o.get("body"), o.get("response")) if kind]
    models = {}
    while waiting:
        for name in re.findall(r"[A-Z]\w+", waiting.pop()):
            described = None if name in models else model(service, name)
            if described:
                models[name] = described
                waiting += [f["type"] for f in described["fields"].values()]
                waiting += described.get("discriminator", {}).get("mapping", {}).values()
    return models


def service(name, wanted):
    """The wanted operations of a service, with their models."""
    source = (SDK / CLIENTS[name]).read_text()
    base_path = literal(r"'base_path': ('.*?')", source)
    methods = dict(re.findall(r"\n    def (\w+)(\(self.*?)(?=\n    def |\Z)", source, re.DOTALL))
    operations = {o: operation(methods[o], base_path) for o in sorted(wanted)}
    return {"models": reached(name, operations), "operations": operations}


def main(added):
    present = json.loads(CONTRACT.read_text())["services"]
    wanted = {name: set(present[name]["operations"]) for name in CLIENTS}
    for name, operation_name in (text.split(".") for text in added):
        wanted[name].add(operation_name)
    contract = {
        "services": {name: service(name, operations) for name, operations in wanted.items()},
        "source": f"oci python sdk {oci.__version__}",
    }
    CONTRACT.write_text(json.dumps(contract, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
