"""Calls of the vendor's API over one kept connection, signed, with nothing but the standard library.

Signing is apart from calling, so that only the call is timed.
"""

import base64
import configparser
import hashlib
import json
import re
import socket
import time
from email.utils import formatdate

# DigestInfo of SHA-256 (RFC 8017 section 9.2, note 1).
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


def elements(der):
    """The (tag, content) pairs of a run of DER."""
    while der:
        tag, length, start = der[0], der[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(der[2:start], "big")
        yield tag, der[start : start + length]
        der = der[start + length :]


class Key:
    """An RSA private key in PKCS #8 or #1."""

    def __init__(self, pem):
        # Between the first line and the last; the vendor's tools put words of their own below.
        body = re.search(r"-----BEGIN[^-]*-----(.*?)-----END", pem, re.DOTALL)[1]
        parts = list(elements(next(elements(base64.b64decode(body)))[1]))
        if parts[1][0] == 0x30:
            parts = list(elements(next(elements(parts[2][1]))[1]))
        numbers = [int.from_bytes(content, "big") for _, content in parts]
        self.modulus, self.primes, self.powers, self.inverse = numbers[1], numbers[4:6], numbers[6:8], numbers[8]
        self.length = (self.modulus.bit_length() + 7) // 8

    def sign(self, message):
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        info = SHA256 + hashlib.sha256(message).digest()
        padded = b"\x00\x01" + b"\xff" * (self.length - 3 - len(info)) + b"\x00" + info
        number = int.from_bytes(padded, "big")
        (p, q), (dp, dq) = self.primes, self.powers
        first, second = pow(number, dp, p), pow(number, dq, q)
        signature = second + (first - second) * self.inverse % p * q
        return base64.b64encode(signature.to_bytes(self.length, "big")).decode()


class Client:
    """A user of the cloud whose profile is at `config`."""

    def __init__(self, config, api):
        profile = configparser.ConfigParser()
        profile.read(config)
        profile = profile["DEFAULT"]
        self.tenancy = profile["tenancy"]
        self.key_id = f"{self.tenancy}/{profile['user']}/{profile['fingerprint']}"
        with open(profile["key_file"]) as file:
            self.key = Key(file.read())
        self.host = api.removeprefix("http://")
        self.connect()

    def connect(self):
        name, port = self.host.split(":")
        self.connection = socket.create_connection((name, int(port)))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, method, target, body=None):
        """A request as it goes over the wire."""
        content = b"" if body is None else json.dumps(body).encode()
        signed = {
            "date": formatdate(time.time(), usegmt=True),
            "(request-target)": f"{method.lower()} {target}",
            "host": self.host,
        }
        if method != "GET" and method != "DELETE":
            signed["content-length"] = str(len(content))
            signed["content-type"] = "application/json"
            signed["x-content-sha256"] = base64.b64encode(hashlib.sha256(content).digest()).decode()
        lines = "\n".join(f"{name}: {value}" for name, value in signed.items())
        authorization = (
            f'Signature algorithm="rsa-sha256",headers="{" ".join(signed)}",keyId="{self.key_id}",'
            f'signature="{self.key.sign(lines.encode())}",version="1"'
        )
        headers = {name: value for name, value in signed.items() if not name.startswith("(")}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {target} HTTP/1.1\r\n{head}authorization: {authorization}\r\n\r\n".encode() + content

    def send(self, request):
        """Sends a request; status, headers and body of the answer."""
        self.connection.sendall(request)
        buffer = b""
        while b"\r\n\r\n" not in buffer:
            buffer += self.receive()
        head, _, body = buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        while len(body) < int(headers.get("content-length", "0")):
            body += self.receive()
        return int(first.split()[1]), headers, body

    def receive(self):
        received = self.connection.recv(65536)
        if not received:
            raise ConnectionError("the API closed the connection")
        return received

    def call(self, method, target, body=None):
        """The answer's headers and JSON; refusals end the benchmark."""
        request = self.request(method, target, body)
        try:
            status, headers, answer = self.send(request)
        except ConnectionError:
            # A kept connection was idle for too long.
            self.connect()
            status, headers, answer = self.send(request)
        if status >= 300:
            raise SystemExit(f"{method} {target}: {status} {answer.decode()}")
        return headers, json.loads(answer) if answer else None
