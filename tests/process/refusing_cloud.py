"""A cloud that says no and repeats what it was shown: refusing_cloud.py STATUS PORT_FILE

Every answer is STATUS with a message that quotes the token of the request. Listens on a free port of 127.0.0.1, written to PORT_FILE.
Plain HTTP. For tests.
"""
import http.server
import json
import os
import sys

status, port_file = int(sys.argv[1]), sys.argv[2]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def refuse(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        shown = (self.headers.get("Authorization") or "nothing").split()[-1]
        content = json.dumps({"id": "refused", "message": f"the token {shown} is not good enough", "request_id": "r-1"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = refuse

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".part", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".part", port_file)
server.serve_forever()
