"""pod_proxy.py PORT_FILE UPSTREAM POD PORT OPERATOR LOG: a Kubernetes API with a kubelet behind it.
Requests to the proxy of POD at PORT go to OPERATOR and their paths to LOG; all others go to
UPSTREAM. Another pod or port is answered like by an API server.
"""
import json
import re
import sys
import urllib.request

import serving

port_file, upstream, pod, port, operator, log_file = sys.argv[1:7]
log = serving.open_log(log_file)
PROXY = re.compile(r"^/api/v1/namespaces/[^/]+/pods/([^/:]+):(\d+)/proxy(/.*)$")


class PodProxy(serving.Handler):
    def handle_request(self):
        wanted = PROXY.match(self.path)
        if not wanted:
            with self.ask(upstream) as reply:
                self.hand_on(reply)
            return
        log.write(self.path + "\n")
        if wanted[1] != pod or wanted[2] != port:
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404, "message": f'pods "{wanted[1]}" not found'}
            self.answer(404, json.dumps(status).encode())
            return
        with urllib.request.urlopen(operator + wanted[3]) as reply:
            self.hand_on(reply)


serving.serve(port_file, PodProxy)
