"""A local cloud in a folder of its own, and a site in it: a network, a container, a load balancer with TLS.

All of it is made through the vendors' APIs. The container's program is an nginx that answers 128 bytes, so that others can be measured
with the same backend.
"""

import base64
import gzip
import hashlib
import http.client
import io
import json
import os
import platform
import subprocess
import tarfile
import time

import measure
import oci

COMPARTMENT = "ocid1.compartment.oc1..bench"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
BACKEND = """worker_processes 2; daemon off; pid backend.pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
  keepalive_requests 1000000000; keepalive_time 24h; keepalive_timeout 1h;
  server { listen 127.0.0.1:@PORT@ backlog=1024; default_type text/plain; location / { return 200 "@BODY@"; } } }
"""


class Cloud:
    """Runs `deployer local serve` as a child of this process, in the same session."""

    def __init__(self, deployer, folder):
        self.deployer, self.folder = deployer, folder
        self.process = None

    def start(self):
        """Seconds from starting the process until it says that it is ready."""
        os.makedirs(self.folder, exist_ok=True)
        seed = {"region": "uk-london-1", "compartments": [COMPARTMENT]}
        start = {"ports": {}, "runtime": "process", "latency_ms": 0, "seed": seed}
        ready = os.path.join(self.folder, "ready.json")
        if os.path.exists(ready):
            os.remove(ready)
        with open(os.path.join(self.folder, "start.json"), "w") as file:
            json.dump(start, file)
        begun = time.perf_counter()
        self.process = subprocess.Popen([self.deployer, "local", "serve", "--state", self.folder])
        measure.wait_until("start of the local cloud", lambda: os.path.exists(ready))
        seconds = time.perf_counter() - begun
        with open(ready) as file:
            self.ready = json.load(file)
        self.client = oci.Client(self.ready["oci_config"], self.ready["api"])
        return seconds

    def stop(self):
        if self.process:
            measure.stop(self.process)
            self.process = None

    def admin(self, path):
        connection = http.client.HTTPConnection(self.ready["api"].removeprefix("http://"))
        connection.request("GET", f"/_localcloud/{path}", headers={"authorization": f"Bearer {self.ready['admin_token']}"})
        answer = json.load(connection.getresponse())
        connection.close()
        return answer

    def make(self, path, body):
        """Creates something below `path`, gives back its OCID."""
        return self.client.call("POST", path, {"compartmentId": COMPARTMENT, **body})[1]["id"]

    def work(self, method, path, body, requests="/20170115/loadBalancerWorkRequests/"):
        """Makes a change, and waits until its work request has succeeded."""
        headers, _ = self.client.call(method, path, body)
        target = requests + headers["opc-work-request-id"]

        def done():
            work = self.client.call("GET", target)[1]
            state = work.get("lifecycleState") or work["status"]
            if state == "FAILED":
                raise SystemExit(f"{method} {path}: {work}")
            return state == "SUCCEEDED"

        measure.wait_until(f"{method} {path}", done)


class Site:
    """A load balancer on port 443 in front of one container, which is in two backend sets."""

    def __init__(self, cloud, certificate):
        self.cloud, self.certificate = cloud, certificate
        self.subnet = self.network()
        self.address, self.backend = self.container()
        self.id = self.balancer(self.address)
        self.port = int(measure.wait_until("the listener", self.listener).rsplit(":", 1)[1])
        path = f"/20170115/loadBalancers/{self.id}/health"
        measure.wait_until("a healthy backend", lambda: cloud.client.call("GET", path)[1]["status"] == "OK")

    def listener(self):
        ends = self.cloud.admin("addresses").items()
        return next((loopback for public, loopback in ends if public.endswith(":443")), None)

    def network(self):
        make = lambda what, body: self.cloud.make(f"/20160918/{what}", body)
        vcn = make("vcns", {"cidrBlocks": ["10.0.0.0/16"]})
        gateway = make("internetGateways", {"vcnId": vcn, "isEnabled": True})
        rules = [{"destination": "0.0.0.0/0", "networkEntityId": gateway}]
        table = make("routeTables", {"vcnId": vcn, "routeRules": rules})
        everybody = {"ingressSecurityRules": [{"protocol": "all", "source": "0.0.0.0/0"}]}
        everybody["egressSecurityRules"] = [{"protocol": "all", "destination": "0.0.0.0/0"}]
        rules = make("securityLists", {"vcnId": vcn, **everybody})
        subnet = {"vcnId": vcn, "cidrBlock": "10.0.0.0/24", "routeTableId": table, "securityListIds": [rules]}
        return make("subnets", subnet)

    def container(self):
        """The container's address in the subnet, and the loopback port that stands for it."""
        ready = self.cloud.ready
        note = os.path.join(self.cloud.folder, "backend.port")
        push(ready, "bench/backend", note)
        encode = lambda text: base64.b64encode(text.encode()).decode()
        secret = {"secretType": "BASIC", "registryEndpoint": "lhr.ocir.io"}
        secret |= {"username": encode(ready["registry_username"]), "password": encode(ready["registry_password"])}
        domains = self.cloud.client.call("GET", f"/20160918/availabilityDomains?compartmentId={COMPARTMENT}")[1]
        body = {
            "compartmentId": COMPARTMENT,
            "availabilityDomain": domains[0]["name"],
            "shape": "CI.Standard.E4.Flex",
            "shapeConfig": {"ocpus": 1, "memoryInGBs": 2},
            "vnics": [{"subnetId": self.subnet}],
            "imagePullSecrets": [secret],
            "containers": [{"imageUrl": f"lhr.ocir.io/{ready['namespace']}/bench/backend:1"}],
        }
        self.cloud.work("POST", "/20210415/containerInstances", body, "/20210415/workRequests/")
        instances = self.cloud.client.call("GET", f"/20210415/containerInstances?compartmentId={COMPARTMENT}")[1]
        instance = self.cloud.client.call("GET", f"/20210415/containerInstances/{instances['items'][0]['id']}")[1]
        vnic = self.cloud.client.call("GET", f"/20160918/vnics/{instance['vnics'][0]['vnicId']}")[1]
        with open(note) as file:
            return vnic["privateIp"], int(file.read())

    def balancer(self, address):
        checker = {"protocol": "HTTP", "urlPath": "/", "port": 8080, "intervalInMillis": 1000, "timeoutInMillis": 900}
        backends = [{"ipAddress": address, "port": 8080}]
        backend_set = {"policy": "ROUND_ROBIN", "healthChecker": checker, "backends": backends}
        with open(self.certificate) as file:
            pem = file.read()
        end = pem.index("-----BEGIN CERTIFICATE")
        certificate = {"certificateName": "bench", "privateKey": pem[:end], "publicCertificate": pem[end:]}
        ssl = {"certificateName": "bench", "protocols": ["TLSv1.3"], "verifyPeerCertificate": False}
        ssl["cipherSuiteName"] = "oci-tls-13-recommended-ssl-cipher-suite-v1"
        listener = {"port": 443, "protocol": "HTTP", "defaultBackendSetName": "one", "sslConfiguration": ssl}
        body = {
            "compartmentId": COMPARTMENT,
            "displayName": "bench",
            "shapeName": "flexible",
            "shapeDetails": {"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 10},
            "subnetIds": [self.subnet],
            "backendSets": {"one": backend_set, "two": backend_set},
            "certificates": {"bench": certificate},
            "pathRouteSets": {"paths": path_routes("one")},
            "listeners": {"https": listener | {"pathRouteSetName": "paths"}},
        }
        self.cloud.work("POST", "/20170115/loadBalancers", body)
        balancers = self.cloud.client.call("GET", f"/20170115/loadBalancers?compartmentId={COMPARTMENT}")[1]
        return balancers[0]["id"]


def path_routes(backend_set):
    match = {"matchType": "PREFIX_MATCH"}
    return {"pathRoutes": [{"path": "/", "pathMatchType": match, "backendSetName": backend_set}]}


def push(ready, repository, note):
    """Pushes an image that runs the backend, and notes its port in a file."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        files = {"backend/nginx.conf.in": BACKEND.replace("@BODY@", "x" * 128).encode()}
        with open("/bin/sh", "rb") as file:
            files["bin/sh"] = file.read()
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    tar = raw.getvalue()
    script = f'sed "s/@PORT@/$PORT/" nginx.conf.in >nginx.conf; echo "$PORT" >"{note}"; exec nginx -p "$PWD" -c "$PWD/nginx.conf"'
    run = {"Entrypoint": ["/bin/sh", "-c", script], "WorkingDir": "/backend", "ExposedPorts": {"8080/tcp": {}}}
    config = {"architecture": ARCHITECTURES[platform.machine()], "os": "linux", "config": run}
    config["rootfs"] = {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]}
    user = f"{ready['registry_username']}:{ready['registry_password']}"
    authorization = {"authorization": "Basic " + base64.b64encode(user.encode()).decode()}
    base = f"/v2/{ready['namespace']}/{repository}"
    registry = http.client.HTTPConnection(ready["registry"])

    def send(method, target, content=b"", kind="application/octet-stream"):
        registry.request(method, target, content, {**authorization, "content-type": kind})
        answer = registry.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {target}: {answer.status} {said.decode()}")
        return answer

    def put(kind, content):
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        place = send("POST", f"{base}/blobs/uploads/").headers["location"]
        place = place[place.index("/v2/") :]
        send("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest, "size": len(content)}

    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}
    manifest["config"] = put("config.v1+json", json.dumps(config).encode())
    manifest["layers"] = [put("layer.v1.tar+gzip", gzip.compress(tar, 1))]
    send("PUT", f"{base}/manifests/1", json.dumps(manifest).encode(), manifest["mediaType"])
    registry.close()
