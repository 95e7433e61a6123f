"""Writes vectors.json: requests signed by the vendor's own Python SDK, with a fixed key and a fixed date.

    python3 -m venv /tmp/sdk && /tmp/sdk/bin/pip install oci==2.189.0
    /tmp/sdk/bin/python tests/contracts/signing/generate.py
"""

import json
import pathlib
import urllib.parse

import oci
from oci._vendor import requests
from oci.auth.signers import SecurityTokenSigner

HERE = pathlib.Path(__file__).parent
DATE = "Thu, 05 Jan 2023 21:31:40 GMT"
TENANCY = "ocid1.tenancy.oc1..aaaatest"
USER = "ocid1.user.oc1..bbbbtest"
FINGERPRINT = "1f:e6:26:be:9d:8f:31:21:5e:30:20:56:46:2b:f2:a5"
TOKEN = "header.payload.signature"
LB = "https://iaas.uk-london-1.oraclecloud.com/20170115/loadBalancers"
OBJECT = "https://objectstorage.uk-london-1.oraclecloud.com/n/space/b/bucket/o"

# name, method, url, body, whether the body is covered, whether a session token signs
CASES = [
    ("get_with_query", "GET", LB + "?compartmentId=ocid1.compartment.oc1..c&displayName=a+b%2Bc", None, True, False),
    ("get_root", "GET", "https://objectstorage.uk-london-1.oraclecloud.com/n", None, True, False),
    ("get_with_port", "GET", "http://127.0.0.1:8080/20160918/vcns/ocid1.vcn.oc1..v", None, True, False),
    ("delete_encoded_segment", "DELETE", LB + "/ocid1.lb/backendSets/web/backends/10.0.0.3%3A8080", None, True, False),
    ("head_object", "HEAD", OBJECT + "/locks%2Fprod", None, True, False),
    ("post_json", "POST", LB, '{"displayName":"caf\u00e9","subnetIds":[]}', True, False),
    ("post_without_body", "POST", LB + "/ocid1.lb/actions/start", "", True, False),
    ("put_json", "PUT", LB + "/ocid1.lb/listeners/https", '{"port":443}', True, False),
    ("put_object", "PUT", OBJECT + "/locks%2Fprod", '{"epoch":1}', False, False),
    ("session_token", "GET", LB, None, True, True),
]


def signed(signer, name, method, url, body, covered):
    data = None if body is None else body.encode()
    headers = {"date": DATE}
    if body is not None:
        headers["content-type"] = "application/json" if covered else "application/octet-stream"
        headers["content-length"] = str(len(data))
    request = requests.Request(method, url, headers=headers, data=data).prepare()
    signer(request, enforce_content_headers=covered)
    kept = ("authorization", "content-length", "content-type", "date", "host", "x-content-sha256")
    shown = {key.lower(): value for key, value in request.headers.items() if key.lower() in kept}
    shown.setdefault("host", urllib.parse.urlsplit(url).netloc)
    return {
        "name": name,
        "method": method,
        "url": url,
        "body": body,
        "bodyCovered": covered,
        "keyId": signer.api_key,
        "headers": dict(sorted(shown.items())),
    }


def main():
    user = oci.signer.Signer(TENANCY, USER, FINGERPRINT, str(HERE / "key.pem"))
    session = SecurityTokenSigner(TOKEN, oci.signer.load_private_key_from_file(str(HERE / "key.pem")))
    vectors = [
        signed(session if by_session else user, name, method, url, body, covered)
        for name, method, url, body, covered, by_session in CASES
    ]
    document = {"madeBy": f"oci {oci.__version__} (PyPI)", "unixTime": 1672954300, "vectors": vectors}
    (HERE / "vectors.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


main()
