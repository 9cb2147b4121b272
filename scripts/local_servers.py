"""Shared by the measuring scripts: the API server of `capstan local`, and a process's statistics."""
import base64
import json
import pathlib
import ssl
import subprocess
import urllib.error
import urllib.request


def read_kubeconfig(path):
    """The server in a kubeconfig of `capstan local`, and a TLS context with its client credentials."""
    text = json.loads(subprocess.run(["kubectl", "--kubeconfig", path, "config", "view", "--raw", "-o", "json"], check=True,
                                     capture_output=True, text=True).stdout)
    cluster, user = text["clusters"][0]["cluster"], text["users"][0]["user"]
    context = ssl.create_default_context()
    if "certificate-authority-data" in cluster:
        context.load_verify_locations(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    return cluster["server"], user.get("token", ""), context


class Api:
    def __init__(self, kubeconfig):
        self.server, token, self.context = read_kubeconfig(kubeconfig)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, path, method="GET", body=None, kind="application/json"):
        request = urllib.request.Request(self.server + path, method=method, data=body and body.encode(),
                                         headers={**self.headers, "Content-Type": kind})
        return json.load(urllib.request.urlopen(request, context=self.context))

    def there(self, path):
        try:
            self.ask(path)
            return True
        except urllib.error.HTTPError:
            return False


def status_of(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0
