"""Hands every request on to UPSTREAM and writes its method and path to LOG, a line each: what a program really asks for.

recording_proxy.py UPSTREAM LOG PORT_FILE: listens on a free port of 127.0.0.1 and writes its number to PORT_FILE. Plain HTTP towards the
client; an https UPSTREAM is not verified. For tests.
"""
import http.server
import os
import ssl
import sys
import urllib.error
import urllib.request

upstream, log_file, port_file = sys.argv[1:4]
insecure = ssl._create_unverified_context()
log = open(log_file, "a", encoding="utf-8", buffering=1)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        log.write(f"{self.command} {self.path}\n")
        length = int(self.headers.get("Content-Length") or 0)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding", "connection")}
        body = self.rfile.read(length) if length else None
        request = urllib.request.Request(upstream + self.path, data=body, headers=headers, method=self.command)
        try:
            reply = urllib.request.urlopen(request, context=insecure)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            content = reply.read()
            self.send_response(reply.status)
            for name in ("Content-Type", "Retry-After", "X-Request-Id"):
                if name in reply.headers:
                    self.send_header(name, reply.headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = forward

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".part", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".part", port_file)
server.serve_forever()
