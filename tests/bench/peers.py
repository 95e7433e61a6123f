"""nginx and haproxy as the load balancer would be configured with them, each in the foreground and on both processors.

A server that goes to the background gets a share of the processor of its own from some kernels, so none does.
"""

import os
import shutil
import subprocess

import measure

# The cipher that the load balancer's suite prefers.
CIPHER = "TLS_AES_128_GCM_SHA256"

NGINX = """worker_processes 2; daemon off; pid nginx.pid; error_log stderr crit; worker_rlimit_nofile 4096;
events {{ worker_connections 1024; }}
http {{
  access_log {log}; client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
  keepalive_requests 1000000000; keepalive_timeout 65;
  upstream one {{ server 127.0.0.1:{backend}; keepalive 64; keepalive_requests 1000000000; }}
  upstream two {{ server 127.0.0.1:{backend}; keepalive 64; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} ssl backlog=1024; ssl_certificate {certificate}; ssl_certificate_key {certificate};
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites {cipher};
    location / {{
      proxy_pass http://{route}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port {port}; proxy_set_header X-Forwarded-Proto https;
    }}
  }}
}}
"""

HAPROXY = """global
  nbthread 2
  maxconn 4096
  ssl-default-bind-ciphersuites {cipher}
defaults
  mode http
  {log}
  timeout connect 5s
  timeout client 65s
  timeout server 60s
  http-reuse always
frontend front
  bind 127.0.0.1:{port} ssl crt {certificate} ssl-min-ver TLSv1.3
  option forwardfor
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Forwarded-Proto https
  default_backend {route}
backend one
  server backend 127.0.0.1:{backend}
backend two
  server backend 127.0.0.1:{backend}
"""


class Peer:
    """A program that does what the load balancer does."""

    def __init__(self, name, folder, settings):
        self.name = name
        self.folder = os.path.join(folder, name)
        self.settings = {**settings, "cipher": CIPHER, "port": measure.free_port()}
        self.port = self.settings["port"]
        self.log = os.path.join(self.folder, "access.log")
        self.file = os.path.join(self.folder, f"{name}.conf")
        self.process = None
        os.makedirs(self.folder)

    @staticmethod
    def missing():
        return [name for name in ("nginx", "haproxy") if not shutil.which(name)]

    def configure(self, route):
        """Writes the configuration with a backend set to go to."""
        template, log = HAPROXY, "log stdout format raw local0\n  option httplog" if self.settings["logs"] else ""
        if self.name == "nginx":
            template, log = NGINX, "access.log" if self.settings["logs"] else "off"
        with open(self.file, "w") as file:
            file.write(template.format(**{**self.settings, "log": log}, route=route))

    def start(self):
        self.configure("one")
        command = ["haproxy", "-W", "-db", "-f", self.file]
        if self.name == "nginx":
            command = ["nginx", "-p", self.folder, "-c", self.file]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        measure.wait_until(self.name, lambda: measure.answers(self.port))

    def reload(self, route):
        """Goes to another backend set, in the program's own way."""
        self.configure(route)
        self.process.send_signal(1 if self.name == "nginx" else 12)

    def stop(self):
        if self.process:
            measure.stop(self.process)
            self.process = None
