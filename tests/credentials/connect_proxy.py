"""A CONNECT proxy for tests: connect_proxy.py LOG PORT_FILE TARGET [USER:PASSWORD]

Listens on a free port of 127.0.0.1, writes its number to PORT_FILE, and each name and port it is asked for to LOG, a line each. Whatever
the name, it connects to TARGET (host:port): names of tests exist nowhere. With USER:PASSWORD it refuses others with 407.
"""
import base64
import os
import socket
import sys
import threading

log_file, port_file, target = sys.argv[1:4]
wanted = "Basic " + base64.b64encode(sys.argv[4].encode()).decode() if len(sys.argv) > 4 else None
log = open(log_file, "a", encoding="utf-8", buffering=1)


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


def serve(client):
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
        client.close()
        return
    log.write(f"{method} {name}\n")
    host, port = target.rsplit(":", 1)
    upstream = socket.create_connection((host, int(port)))
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pump, args=(upstream, client), daemon=True).start()
    pump(client, upstream)


server = socket.create_server(("127.0.0.1", 0))
with open(port_file + ".part", "w", encoding="utf-8") as file:
    file.write(str(server.getsockname()[1]))
os.rename(port_file + ".part", port_file)
while True:
    connection, _ = server.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
