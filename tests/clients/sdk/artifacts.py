"""Repositories of container images."""

from oci import artifacts
from oci.artifacts import models

from cloud import COMPARTMENT, client, everything, refused, report

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
registry.delete_container_repository(made.id)
refused(404, "NotAuthorizedOrNotFound", registry.get_container_repository, made.id[:-3] + "zzz")
report()
