"""A cloud that takes its time: slow_proxy.py UPSTREAM LOG PORT_FILE SECONDS

Hands every request on to UPSTREAM; the answer to a POST comes SECONDS later than it could. LOG gets a line when a POST arrives and one
when its answer leaves. Listens on a free port of 127.0.0.1 and writes its number to PORT_FILE. Plain HTTP. For tests.
"""
import http.server
import os
import sys
import time
import urllib.error
import urllib.request

upstream, log_file, port_file = sys.argv[1:4]
delay = float(sys.argv[4])
log = open(log_file, "a", encoding="utf-8", buffering=1)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        length = int(self.headers.get("Content-Length") or 0)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding", "connection")}
        body = self.rfile.read(length) if length else None
        request = urllib.request.Request(upstream + self.path, data=body, headers=headers, method=self.command)
        try:
            reply = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            content = reply.read()
            if self.command == "POST":
                log.write("arrived\n")
                time.sleep(delay)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            if self.command == "POST":
                log.write("answered\n")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".part", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".part", port_file)
server.serve_forever()
