#!/usr/bin/env python3
"""A simulated cloud for the provider, in memory: `simulated_cloud.py PORT` serves it on 127.0.0.1.

It has the API that plugin.cpp uses; change both together. It accepts the token in MYCLOUD_TOKEN, or
"token-of-mine". It prints its URL when it is ready; without PORT it uses a free port.
    GET    /account                      {"id", "email"}
    GET    /clusters?page=N              {"clusters": [...], "pages", "total"}, two on a page
    POST   /clusters                     {"name", "size", "tags"} -> the cluster, which is "creating" for a moment
    GET    /clusters/ID                  {"id", "name", "size", "tags", "state", "created_at"}
    PUT    /clusters/ID                  {"size"}; it is "resizing" for a moment
    PUT    /clusters/ID/tags             {"tags"}
    DELETE /clusters/ID                  it is "deleting" for a moment, then gone
Refusals are {"reason", "message"}.
"""
import http.server
import json
import math
import os
import sys
import threading
import time
import urllib.parse

TOKEN = os.environ.get("MYCLOUD_TOKEN", "token-of-mine")
MOMENT = 0.3  # duration of a change in seconds
PAGE = 2


class Refused(Exception):
    def __init__(self, status, reason, message):
        super().__init__(message)
        self.status, self.body = status, {"reason": reason, "message": message}


class Cloud:
    def __init__(self):
        self.clusters, self.last_id = {}, 0

    def advance(self):
        for cluster in list(self.clusters.values()):
            if time.monotonic() < cluster["until"]:
                continue
            if cluster["state"] == "deleting":
                del self.clusters[cluster["id"]]
            elif cluster["state"] in ("creating", "resizing"):
                cluster["state"] = "running"

    def enter(self, cluster, state):
        cluster.update(state=state, until=time.monotonic() + MOMENT)

    def answer(self, method, path, query, body):
        self.advance()
        if path == ["account"] and method == "GET":
            return 200, {"id": "account-1", "email": "me@mycloud.example"}
        if path == ["clusters"] and method == "GET":
            return 200, self.page(int(query.get("page", ["1"])[0]))
        if path == ["clusters"] and method == "POST":
            return 201, self.create(body)
        if path[:1] != ["clusters"] or path[1] not in self.clusters:
            raise Refused(404, "not_found", "there is no such cluster")
        return self.one(method, self.clusters[path[1]], path[2:], body)

    def page(self, number):
        clusters = [self.seen(one) for one in self.clusters.values()]
        return {"clusters": clusters[(number - 1) * PAGE:number * PAGE], "total": len(clusters),
                "pages": max(1, math.ceil(len(clusters) / PAGE))}

    def create(self, body):
        if not body.get("name") or not isinstance(body.get("size"), int) or body["size"] < 1:
            raise Refused(422, "invalid", "name and a size of at least 1 are needed")
        if any(one["name"] == body["name"] for one in self.clusters.values()):
            raise Refused(409, "already_exists", f"a cluster named {body['name']} exists already")
        self.last_id += 1
        cluster = {"id": f"c-{self.last_id}", "name": body["name"], "size": body["size"], "tags": body.get("tags", []),
                   "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        self.enter(cluster, "creating")
        self.clusters[cluster["id"]] = cluster
        return self.seen(cluster)

    def one(self, method, cluster, rest, body):
        if method == "GET" and not rest:
            return 200, self.seen(cluster)
        if method == "DELETE" and not rest:
            if cluster["state"] != "deleting":
                self.enter(cluster, "deleting")
            return 202, {}
        if method == "PUT" and rest == ["tags"]:
            cluster["tags"] = body["tags"]
            return 200, self.seen(cluster)
        if method == "PUT" and not rest:
            if cluster["state"] != "running":
                raise Refused(409, "busy", "the cluster is changing; try again later")
            cluster["size"] = body["size"]
            self.enter(cluster, "resizing")
            return 200, self.seen(cluster)
        raise Refused(404, "not_found", "there is nothing at this path")

    @staticmethod
    def seen(cluster):
        return {key: value for key, value in cluster.items() if key != "until"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud, lock = Cloud(), threading.Lock()

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        path = [urllib.parse.unquote(piece) for piece in url.path.split("/")[1:]]
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise Refused(401, "unauthorized", "the token is not known here")
            body = json.loads(text) if text else {}
            with self.lock:
                status, answer = self.cloud.answer(self.command, path, urllib.parse.parse_qs(url.query), body)
        except Refused as refused:
            status, answer = refused.status, refused.body
        except (ValueError, KeyError, IndexError, TypeError) as error:
            status, answer = 400, {"reason": "bad_request", "message": f"the request cannot be read: {error}"}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
