"""A Kubernetes API that has ValidatingAdmissionPolicies, made of one that is too old for them: serves those of FILE, read only, and
hands everything else on.

serve_policies.py UPSTREAM TOKEN FILE PORT_FILE: listens on a free port of 127.0.0.1 and writes its number to PORT_FILE. FILE is JSON, document
after document.
"""
import http.server
import json
import os
import ssl
import sys
import threading
import urllib.error
import urllib.request

upstream, token, policies, port_file = sys.argv[1:5]
GROUP = "/apis/admissionregistration.k8s.io/v1"
KINDS = {"validatingadmissionpolicies": "ValidatingAdmissionPolicy", "validatingadmissionpolicybindings": "ValidatingAdmissionPolicyBinding"}
insecure = ssl._create_unverified_context()
OBJECTS = []
with open(policies, encoding="utf-8") as file:
    rest = file.read().strip()
while rest:
    item, end = json.JSONDecoder().raw_decode(rest)
    OBJECTS.append(item)
    rest = rest[end:].strip()
# What a server that stores them would have filled in.
for item in OBJECTS:
    if item["kind"] == "ValidatingAdmissionPolicy":
        constraints = item["spec"]["matchConstraints"]
        constraints.setdefault("matchPolicy", "Equivalent")
        constraints.setdefault("namespaceSelector", {})
        constraints.setdefault("objectSelector", {})
        for rule in constraints["resourceRules"]:
            rule.setdefault("scope", "*")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def policies(self, plural):
        if "watch=" in self.path:
            if "sendInitialEvents" in self.path:  # a client then lists instead
                self.answer(400, b'{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"BadRequest","code":400}')
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.flush()
            threading.Event().wait(3600)  # nothing changes here
            return
        items = []
        for number, item in enumerate(o for o in OBJECTS if o["kind"] == KINDS[plural]):
            item["metadata"].update(uid=f"{plural}-{number}", resourceVersion="1", generation=1)
            items.append(item)
        body = {"kind": KINDS[plural] + "List", "apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"resourceVersion": "1"}, "items": items}
        self.answer(200, json.dumps(body).encode())

    def forward(self):
        plural = self.path.split("?")[0].removeprefix(GROUP + "/")
        if plural in KINDS:
            self.policies(plural)
            return
        length = int(self.headers.get("Content-Length") or 0)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding", "connection")}
        headers["Authorization"] = "Bearer " + token
        request = urllib.request.Request(upstream + self.path, data=self.rfile.read(length) if length else None, headers=headers, method=self.command)
        try:
            reply = urllib.request.urlopen(request, context=insecure)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "application/json"))
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            while piece := reply.read1(65536):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".part", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".part", port_file)
server.serve_forever()
