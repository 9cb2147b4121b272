"""refusing_cloud.py PORT_FILE STATUS: a cloud that refuses all requests.

Every response is STATUS with a message that quotes the token of the request.
"""
import json
import sys

import serving

port_file, status = sys.argv[1], int(sys.argv[2])


class RefusingCloud(serving.Handler):
    def handle_request(self):
        self.read_body()
        shown = (self.headers.get("Authorization") or "nothing").split()[-1]
        message = {"id": "refused", "message": f"the token {shown} is not good enough", "request_id": "r-1"}
        self.answer(status, json.dumps(message).encode())


serving.serve(port_file, RefusingCloud)
