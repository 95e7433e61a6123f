"""Buckets and objects, with the conditions that a lease is made of."""

from oci import object_storage
from oci.object_storage import models

from cloud import COMPARTMENT, client, everything, refused, report

storage = client(object_storage.ObjectStorageClient, "")
namespace = storage.get_namespace().data
bucket = models.CreateBucketDetails(name="things", compartment_id=COMPARTMENT)
storage.create_bucket(namespace, bucket)
refused(409, "BucketAlreadyExists", storage.create_bucket, namespace, bucket)
refused(404, "BucketNotFound", storage.get_bucket, namespace, "nothing")
assert storage.get_bucket(namespace, "things").data.public_access_type == "NoPublicAccess"
assert [one.name for one in everything(storage.list_buckets, namespace, COMPARTMENT)] == ["things"]

first = storage.put_object(namespace, "things", "a/lease.json", b"one", if_none_match="*")
refused(
    412,
    "IfNoneMatchFailed",
    storage.put_object,
    namespace,
    "things",
    "a/lease.json",
    b"two",
    if_none_match="*",
)
etag = first.headers["etag"]
second = storage.put_object(namespace, "things", "a/lease.json", b"two", if_match=etag)
refused(
    412,
    "IfMatchFailed",
    storage.put_object,
    namespace,
    "things",
    "a/lease.json",
    b"three",
    if_match=etag,
)
got = storage.get_object(namespace, "things", "a/lease.json")
assert got.data.content == b"two" and got.headers["etag"] == second.headers["etag"]
assert storage.head_object(namespace, "things", "a/lease.json").headers["content-length"] == "3"
for name in ("b", "c", "d e+f%"):
    storage.put_object(namespace, "things", name, b"")
listed = storage.list_objects(namespace, "things", limit=2).data
assert [one.name for one in listed.objects] == ["a/lease.json", "b"] and listed.next_start_with, listed
listed = storage.list_objects(namespace, "things", start=listed.next_start_with).data
assert [one.name for one in listed.objects] == ["c", "d e+f%"], listed
refused(409, "BucketNotEmpty", storage.delete_bucket, namespace, "things")
refused(404, "ObjectNotFound", storage.get_object, namespace, "things", "nothing")
for name in ("a/lease.json", "b", "c", "d e+f%"):
    storage.delete_object(namespace, "things", name)
storage.delete_bucket(namespace, "things")
report()
