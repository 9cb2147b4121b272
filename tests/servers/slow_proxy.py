"""slow_proxy.py PORT_FILE UPSTREAM LOG SECONDS: a slow cloud.

Forwards every request to UPSTREAM; the response to a POST is delayed by SECONDS. LOG gets a line
when a POST arrives and one when its response is sent.
"""
import sys
import time

import serving

port_file, upstream, log_file = sys.argv[1:4]
delay = float(sys.argv[4])
log = serving.open_log(log_file)


class SlowProxy(serving.Handler):
    def handle_request(self):
        with self.ask(upstream) as reply:
            if self.command != "POST":
                self.hand_on(reply)
                return
            log.write("arrived\n")
            time.sleep(delay)
            self.hand_on(reply)
            log.write("answered\n")


serving.serve(port_file, SlowProxy)
