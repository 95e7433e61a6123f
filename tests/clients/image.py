"""Writes an OCI image layout whose one layer is a static busybox, which serves a page on $PORT.

    image.py FOLDER WORDS    the page says WORDS
"""

import gzip
import hashlib
import io
import json
import os
import platform
import shutil
import sys
import tarfile

SERVE = 'echo "serving $GREETING"; exec /bin/busybox httpd -f -p "${HOST:-0.0.0.0}:${PORT:-8080}" -h .'
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def layer(words):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:

        def add(name, content, mode):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))

        add("bin/busybox", open(shutil.which("busybox"), "rb").read(), 0o755)
        add("www/index.html", words.encode() + b"\n", 0o644)
    return raw.getvalue()


def main(folder, words):
    blobs = os.path.join(folder, "blobs/sha256")
    os.makedirs(blobs)

    def put(kind, content):
        digest = hashlib.sha256(content).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as file:
            file.write(content)
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}

    def put_json(kind, value):
        return put(kind, json.dumps(value).encode())

    tar = layer(words)
    packed = put("application/vnd.oci.image.layer.v1.tar+gzip", gzip.compress(tar, 1, mtime=0))
    config = {
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "config": {
            "Entrypoint": ["/bin/busybox", "sh", "-c", SERVE],
            "WorkingDir": "/www",
            "ExposedPorts": {"8080/tcp": {}},
        },
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": put_json("application/vnd.oci.image.config.v1+json", config),
        "layers": [packed],
    }
    index = {
        "schemaVersion": 2,
        "manifests": [put_json(manifest["mediaType"], manifest)],
    }
    index["manifests"][0]["annotations"] = {"org.opencontainers.image.ref.name": "1"}
    with open(os.path.join(folder, "index.json"), "w") as file:
        json.dump(index, file)
    with open(os.path.join(folder, "oci-layout"), "w") as file:
        json.dump({"imageLayoutVersion": "1.0.0"}, file)


main(*sys.argv[1:])
