#!/usr/bin/env python3
"""Measures `capstan run` with many live clusters: memory, idle CPU, requests to Kubernetes, and whether
churn leaks anything.

    scripts/measure-fleet.py BUILD [--clusters N] [--rest SECONDS] [--churn N] [--program FILE]

BUILD is a build folder with bin/capstan. The servers are those of `capstan local` in a separate
process, without the limits of the simulated DigitalOcean. The clusters have been running for long
when the operator starts: each is created in the cloud with its tags, and recorded in the status of
its object. The measurement starts once all are Ready and Synced and their kubeconfigs are
published. Churn creates and deletes objects that name a Secret that does not exist, so that no
quota limits them.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.request

from local_servers import Api, status_of

GROUP = "/apis/anutosh491.dev/v1alpha1"
CLUSTERS = GROUP + "/namespaces/default/digitaloceanclusters"
SPEC = {"region": "fra1", "version": "latest", "tokenSecret": "token",
        "nodePools": [{"name": "main", "size": "s-2vcpu-4gb", "count": 1}]}


class Cloud:
    def __init__(self, url, token):
        self.url, self.headers = url, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def make(self, name, tags):
        body = {"name": name, "region": SPEC["region"], "version": "latest", "tags": tags,
                "node_pools": [{**pool, "tags": [*tags, "capstan-pool:" + pool["name"]]} for pool in SPEC["nodePools"]]}
        request = urllib.request.Request(self.url + "/v2/kubernetes/clusters", method="POST", data=json.dumps(body).encode(), headers=self.headers)
        return json.load(urllib.request.urlopen(request))["kubernetes_cluster"]["id"]

    def account(self):
        request = urllib.request.Request(self.url + "/v2/account", headers=self.headers)
        account = json.load(urllib.request.urlopen(request))["account"]
        return account.get("team", {}).get("uuid") or account["uuid"]


def found(api, cloud, owner, account, number):
    name = f"fleet-{number:05d}"
    made = api.ask(CLUSTERS, "POST", json.dumps({
        "apiVersion": "anutosh491.dev/v1alpha1", "kind": "DigitalOceanCluster",
        "metadata": {"name": name, "finalizers": ["capstan.dev/cleanup"]}, "spec": SPEC}))
    identity = cloud.make(name, ["capstan:" + made["metadata"]["uid"], "capstan-owner:" + owner])
    record = {"id": identity, "account": account, "attempts": 1, "recordedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    api.ask(f"{CLUSTERS}/{name}/status", "PATCH", json.dumps({"status": {"external": record}}), "application/merge-patch+json")


def settled(api, clusters):
    def is_true(item, kind):
        return any(c["type"] == kind and c["status"] == "True" for c in item.get("status", {}).get("conditions", []))
    items = api.ask(CLUSTERS)["items"]
    return sum(is_true(item, "Ready") and is_true(item, "Synced") for item in items) >= clusters


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def requests_to_kubernetes(metrics):
    text = urllib.request.urlopen(metrics).read().decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith("rest_client_requests_total{") and 'host="api.digitalocean' not in line)


def churn(api, number):
    body = {"apiVersion": "anutosh491.dev/v1alpha1", "kind": "DigitalOceanCluster", "metadata": {"name": f"churn-{number}"},
            "spec": {**SPEC, "tokenSecret": "there-is-none"}}
    api.ask(CLUSTERS, "POST", json.dumps(body))
    time.sleep(0.05)  # long enough to be reconciled
    api.ask(f"{CLUSTERS}/churn-{number}", "DELETE")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--rest", type=int, default=180, help="seconds over which CPU and requests at rest are counted")
    parser.add_argument("--settle", type=int, default=600, help="seconds after all are ready, before that is counted")
    parser.add_argument("--churn", type=int, default=0, help="objects made and deleted afterwards")
    parser.add_argument("--program", type=pathlib.Path, help="the operator, if not bin/capstan of BUILD")
    parser.add_argument("--prefix", default="", help="a command before the operator, such as a profiler")
    options = parser.parse_args()
    binaries = options.build.resolve() / "bin"
    with tempfile.TemporaryDirectory() as scratch:
        kubeconfig, ready = f"{scratch}/kubeconfig", pathlib.Path(scratch, "ready")
        stack = subprocess.Popen([binaries / "capstan", "local", "--operator=false", f"--kubeconfig-out={kubeconfig}",
                                  f"--ready-file={ready}", "--provisioning-seconds=1",
                                  "--digitalocean-behaviour=per_minute=1000000,per_hour=1000000,droplet_limit=1000000"], stderr=subprocess.DEVNULL)
        operator = None
        try:
            while not ready.exists() or not ready.read_text():
                time.sleep(0.05)
            access = json.loads(ready.read_text())
            api, cloud = Api(kubeconfig), Cloud(access["digitalocean_url"], access["digitalocean_token"])
            crds = subprocess.run([binaries / "capstan", "crds"], check=True, capture_output=True).stdout
            subprocess.run(["kubectl", "--kubeconfig", kubeconfig, "apply", "-f", "-"], input=crds, check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["kubectl", "--kubeconfig", kubeconfig, "create", "secret", "generic", "token",
                            f"--from-literal=token={access['digitalocean_token']}"], check=True, stdout=subprocess.DEVNULL)
            owner = api.ask("/api/v1/namespaces/kube-system")["metadata"]["uid"]
            account = cloud.account()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda number: found(api, cloud, owner, account, number), range(options.clusters)))
            log = open(f"{scratch}/run.log", "w", encoding="utf-8")
            operator = subprocess.Popen(
                [*options.prefix.split(), options.program or binaries / "capstan", "run", f"--kubeconfig={kubeconfig}", "--leader-elect",
                 "--health-address=127.0.0.1:0", *([] if options.program is None else [f"--plugin-dir={binaries}/../lib/capstan/plugins"])],
                stderr=log, env={**os.environ, "DIGITALOCEAN_API_URL": access["digitalocean_url"]})
            measure(api, operator, options, f"{scratch}/run.log")
        finally:
            for process in (operator, stack):
                if process is not None:
                    process.terminate()
                    process.wait()


def resident(pid, when):
    print(f"{when:34} {status_of(pid, 'VmRSS') / 1024:6.1f} MiB resident, of it anonymous {status_of(pid, 'RssAnon') / 1024:.1f}, "
          f"{status_of(pid, 'Threads')} threads", flush=True)


def measure(api, operator, options, log):
    begun = time.monotonic()
    metrics = None
    while metrics is None:
        match = re.search(r'address[=":]+(http://[^"\s]+)', pathlib.Path(log).read_text(encoding="utf-8"))
        metrics = match and match.group(1).rstrip("/") + "/metrics"
        time.sleep(0.1)
    while not settled(api, options.clusters):
        if time.monotonic() - begun > 1800:
            raise SystemExit("not all are ready after half an hour: " + pathlib.Path(log).read_text(encoding="utf-8")[-2000:])
        time.sleep(5)
    print(f"all ready and synced after         {time.monotonic() - begun:6.0f} s, {cpu_of(operator.pid):.1f} s of CPU", flush=True)
    resident(operator.pid, "then")
    time.sleep(options.settle)
    cpu, requests, since = cpu_of(operator.pid), requests_to_kubernetes(metrics), time.monotonic()
    time.sleep(options.rest)
    seconds = time.monotonic() - since
    resident(operator.pid, f"at rest, after {options.settle + options.rest} s")
    print(f"CPU at rest                        {(cpu_of(operator.pid) - cpu) / seconds * 100:6.2f} % of a core")
    print(f"requests to Kubernetes             {(requests_to_kubernetes(metrics) - requests) / options.clusters / seconds * 60:6.2f} "
          "per cluster and minute, the lease included", flush=True)
    for part in range(4 if options.churn else 0):
        numbers = range(part * options.churn // 4, (part + 1) * options.churn // 4)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: churn(api, number), numbers))
        while len(api.ask(CLUSTERS)["items"]) > options.clusters:
            time.sleep(1)
        resident(operator.pid, f"after {numbers[-1] + 1} made and deleted")
    time.sleep(65 if options.churn else 0)
    if options.churn:
        resident(operator.pid, "a minute later")


main()
