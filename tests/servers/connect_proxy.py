"""connect_proxy.py PORT_FILE LOG TARGET [USER:PASSWORD]: a CONNECT proxy.

Writes each requested name and port to LOG, one per line. It always connects to TARGET (host:port),
because the names in tests do not exist. With USER:PASSWORD it refuses other clients with 407.
"""
import base64
import socket
import socketserver
import sys
import threading

import serving

port_file, log_file, target = sys.argv[1:4]
wanted = "Basic " + base64.b64encode(sys.argv[4].encode()).decode() if len(sys.argv) > 4 else None
log = serving.open_log(log_file)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class ConnectProxy(socketserver.BaseRequestHandler):
    def handle(self):
        client = self.request
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                return
            head += piece
        lines = head.decode("latin-1").split("\r\n")
        method, name, _ = lines[0].split(" ")
        given = next((line.split(": ", 1)[1] for line in lines if line.lower().startswith("proxy-authorization: ")), None)
        if wanted is not None and given != wanted:
            log.write(f"407 {name}\n")
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        log.write(f"{method} {name}\n")
        host, port = target.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as upstream:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(upstream, client), daemon=True)
            back.start()
            pump(client, upstream)
            back.join()


serving.serve(port_file, ConnectProxy, socketserver.ThreadingTCPServer)
