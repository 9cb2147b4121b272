"""Shared code of the servers next to it: listening where a test can find them, and forwarding
requests.
"""
import http.server
import os
import ssl
import urllib.error
import urllib.request

# Headers that belong to the connection, not to the message.
OF_A_REQUEST = ("host", "accept-encoding", "connection")
OF_A_REPLY = ("connection", "keep-alive", "transfer-encoding", "content-length", "server", "date")


def serve(port_file, handler, server_class=http.server.ThreadingHTTPServer):
    """Serves for ever on a free port of 127.0.0.1; port_file contains its number as soon as it exists."""
    server = server_class(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    with open(port_file + ".part", "w", encoding="utf-8") as file:
        file.write(str(server.server_address[1]))
    os.rename(port_file + ".part", port_file)
    server.serve_forever()


def open_log(path):
    """Flushes each line, so that others can read it."""
    return open(path, "a", encoding="utf-8", buffering=1)


class Handler(http.server.BaseHTTPRequestHandler):
    """Plain HTTP; a server's own class handles requests of all methods in handle_request()."""

    protocol_version = "HTTP/1.1"

    def do_any(self):
        self.handle_request()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_any

    def log_message(self, *args):
        pass

    def read_body(self):
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length else None

    def answer(self, status, content, headers=(("Content-Type", "application/json"),)):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def ask(self, upstream, **other_headers):
        """The reply of upstream to this request. Certificates are not verified."""
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OF_A_REQUEST}
        headers.update(other_headers)
        request = urllib.request.Request(upstream + self.path, data=self.read_body(), headers=headers, method=self.command)
        try:
            return urllib.request.urlopen(request, context=ssl._create_unverified_context())
        except urllib.error.HTTPError as error:
            return error

    def hand_on(self, reply):
        """Answers with that reply; a stream as it arrives."""
        headers = [(name, value) for name, value in reply.headers.items() if name.lower() not in OF_A_REPLY]
        if "Transfer-Encoding" not in reply.headers:
            self.answer(reply.status, reply.read(), headers)
            return
        self.send_response(reply.status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := reply.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
