"""policy_server.py PORT_FILE UPSTREAM TOKEN FILE: adds ValidatingAdmissionPolicies to a Kubernetes
API that is too old for them.

Serves those in FILE (JSON, document after document) read-only, and forwards everything else to
UPSTREAM with TOKEN.
"""
import json
import sys
import threading

import serving

port_file, upstream, token, policies = sys.argv[1:5]
GROUP = "/apis/admissionregistration.k8s.io/v1"
KINDS = {"validatingadmissionpolicies": "ValidatingAdmissionPolicy", "validatingadmissionpolicybindings": "ValidatingAdmissionPolicyBinding"}
OBJECTS = []
with open(policies, encoding="utf-8") as file:
    rest = file.read().strip()
while rest:
    item, end = json.JSONDecoder().raw_decode(rest)
    OBJECTS.append(item)
    rest = rest[end:].strip()
# Fields that a server that stores them would have filled in.
for item in OBJECTS:
    if item["kind"] == "ValidatingAdmissionPolicy":
        constraints = item["spec"]["matchConstraints"]
        constraints.setdefault("matchPolicy", "Equivalent")
        constraints.setdefault("namespaceSelector", {})
        constraints.setdefault("objectSelector", {})
        for rule in constraints["resourceRules"]:
            rule.setdefault("scope", "*")


class PolicyServer(serving.Handler):
    def handle_request(self):
        plural = self.path.split("?")[0].removeprefix(GROUP + "/")
        if plural in KINDS:
            self.serve_policies(plural)
            return
        with self.ask(upstream, Authorization="Bearer " + token) as reply:
            self.hand_on(reply)

    def serve_policies(self, plural):
        if "watch=" in self.path:
            if "sendInitialEvents" in self.path:  # clients then fall back to a list
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


serving.serve(port_file, PolicyServer)
