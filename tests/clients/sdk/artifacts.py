"""Repositories of container images."""

import base64
import hashlib
import json
import os
import urllib.parse
import urllib.request

from oci import artifacts
from oci.artifacts import models

from cloud import COMPARTMENT, ONCE, client, everything, refused, report

registry = client(artifacts.ArtifactsClient, "20160918")


def create(name):
    return registry.create_container_repository(
        models.CreateContainerRepositoryDetails(
            compartment_id=COMPARTMENT, display_name=name, is_public=False
        )
    )


made = create("site/web").data
assert made.lifecycle_state == "AVAILABLE" and made.image_count == 0, made
refused(409, "NotAuthorizedOrResourceAlreadyExists", create, "site/web")
listed = registry.list_container_repositories(COMPARTMENT).data.items
assert [one.display_name for one in listed] == ["site/web"], listed
got = registry.get_container_repository(made.id)
changed = models.UpdateContainerRepositoryDetails(is_immutable=True)
refused(
    412, "NoEtagMatch", registry.update_container_repository, made.id, changed, if_match="nonsense"
)
after = registry.update_container_repository(made.id, changed, if_match=got.headers["etag"])
assert after.data.is_immutable
assert registry.list_container_images(COMPARTMENT, repository_id=made.id).data.items == []

# What is pushed can be looked up, tagged, deleted and restored.
HOST, NAMESPACE = os.environ["CLOUD_REGISTRY"], after.data.namespace
word = f"{os.environ['CLOUD_REGISTRY_USER']}:{os.environ['CLOUD_REGISTRY_PASSWORD']}"
AUTHORIZATION = "Basic " + base64.b64encode(word.encode()).decode()


def send(method, url, content, kind="application/octet-stream"):
    headers = {"authorization": AUTHORIZATION, "content-type": kind}
    request = urllib.request.Request(url, content, headers, method=method)
    return urllib.request.urlopen(request)


def push(content):
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    place = send("POST", f"{base}/blobs/uploads/", b"").headers["location"]
    place = urllib.parse.urljoin(base, place)
    send("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", content)
    return {"digest": digest, "size": len(content)}


base = f"http://{HOST}/v2/{NAMESPACE}/site/web"
oci_type = "application/vnd.oci.image"
manifest = {
    "schemaVersion": 2,
    "mediaType": f"{oci_type}.manifest.v1+json",
    "config": {"mediaType": f"{oci_type}.config.v1+json", **push(b"{}")},
    "layers": [{"mediaType": f"{oci_type}.layer.v1.tar", **push(b"layer")}],
}
send("PUT", f"{base}/manifests/v1", json.dumps(manifest).encode(), manifest["mediaType"])
(image,) = registry.list_container_images(COMPARTMENT, repository_id=made.id).data.items
assert image.version == "v1", image
uri = models.LookupContainerImageByUriDetails(image_uri=f"{NAMESPACE}/site/web:v1")
assert registry.lookup_container_image_by_uri(uri).data.id == image.id
tags = models.UpdateContainerImageDetails(freeform_tags={"a": "b"})
refused(412, "NoEtagMatch", registry.update_container_image, image.id, tags, if_match="nonsense")
assert registry.update_container_image(image.id, tags).data.freeform_tags == {"a": "b"}
registry.delete_container_image(image.id)
refused(404, "NotAuthorizedOrNotFound", registry.get_container_image, image.id)
version = models.RestoreContainerImageDetails(version="v2")
assert registry.restore_container_image(image.id, version).data.version == "v2"
assert registry.get_container_image(image.id).data.digest == image.digest
assert send("GET", f"{base}/manifests/v2", None).status == 200
refused(409, "IncorrectState", registry.restore_container_image, image.id, version, **ONCE)
assert registry.get_container_configuration(COMPARTMENT).data.is_repository_created_on_first_push
closed = models.UpdateContainerConfigurationDetails(is_repository_created_on_first_push=False)
assert not registry.update_container_configuration(
    COMPARTMENT, closed
).data.is_repository_created_on_first_push

registry.delete_container_repository(made.id)
refused(404, "NotAuthorizedOrNotFound", registry.get_container_repository, made.id[:-3] + "zzz")
report()
