"""collector.py PORT_FILE LOG: a minimal OpenTelemetry collector. Each received span becomes a line
of JSON in LOG, with the contents of the request's headers and the resource.
"""
import json
import sys

import serving

port_file, log_file = sys.argv[1:3]
log = serving.open_log(log_file)


def value(attribute):
    return next(iter(attribute["value"].values()))


class Collector(serving.Handler):
    def handle_request(self):
        body = json.loads(self.read_body())
        for resource in body["resourceSpans"]:
            about = {item["key"]: value(item) for item in resource["resource"]["attributes"]}
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    span["attributes"] = {item["key"]: value(item) for item in span["attributes"]}
                    log.write(json.dumps({**span, "resource": about, "path": self.path, "key": self.headers.get("x-key")}) + "\n")
        self.answer(200, b"{}")


serving.serve(port_file, Collector)
