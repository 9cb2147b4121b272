"""A faulty TCP proxy: it cuts connections, and delays and damages data. unkind_proxy.py PORT_FILE
TARGET_PORT SEED

SIGUSR1: no more faults from now on. One thread per connection and direction; for tests on loopback.
"""
import os
import random
import signal
import socket
import sys
import threading
import time

port_file, target, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
kind = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: kind.set())


def unkindness():
    if kind.is_set():
        return None
    roll = chance.random()
    return "cut" if roll < 0.004 else "damage" if roll < 0.006 else "delay" if roll < 0.03 else None


def forward(source, sink, both):
    try:
        while data := source.recv(65536):
            what = unkindness()
            if what == "delay":
                time.sleep(chance.uniform(0.05, 2.0))
            elif what == "damage":
                at = chance.randrange(len(data))
                data = data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1:]
            elif what == "cut":
                sink.sendall(data[:len(data) // 2])
                break
            sink.sendall(data)
    except OSError:
        pass
    for end in both:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def carry(client):
    try:
        server = socket.create_connection(("127.0.0.1", target), timeout=5)
        server.settimeout(None)
    except OSError:
        client.close()
        return
    both = (client, server)
    other = threading.Thread(target=forward, args=(server, client, both), daemon=True)
    other.start()
    forward(client, server, both)
    other.join()
    client.close()
    server.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=128)
with open(port_file + ".new", "w", encoding="ascii") as file:
    file.write(str(listener.getsockname()[1]))
os.rename(port_file + ".new", port_file)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=carry, args=(connection,), daemon=True).start()
