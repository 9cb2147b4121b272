"""recording_proxy.py PORT_FILE UPSTREAM LOG: forwards every request to UPSTREAM and writes its
method, path and trace context, if any, to LOG, one line each.
"""
import sys

import serving

port_file, upstream, log_file = sys.argv[1:4]
log = serving.open_log(log_file)


class RecordingProxy(serving.Handler):
    def handle_request(self):
        log.write(" ".join(filter(None, [self.command, self.path, self.headers.get("traceparent")])) + "\n")
        with self.ask(upstream) as reply:
            self.hand_on(reply)


serving.serve(port_file, RecordingProxy)
