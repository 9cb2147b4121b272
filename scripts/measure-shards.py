#!/usr/bin/env python3
"""Measures what sharding divides: memory and CPU of one replica with all objects, compared with three
that share them, and how soon the objects of a killed replica have another owner.

    scripts/measure-shards.py BUILD [--objects N] [--replicas N] [--shards N] [--rest SECONDS]
                              [--update] [--heap]

BUILD is a build folder with bin/capstan. The servers are those of `capstan local` in a separate
process. The provider refuses the spec of the objects (two values for one key of the connection
Secret), so that nothing is created in the cloud and no quota limits them: each is listed, watched
and cached, finally reconciled every five minutes, and its condition is kept. Sharding does not
divide the cost of listing an account of the cloud, which is not measured here (docs/sharding.md).

--update replaces the replicas one by one before anything is measured at rest, as a rolling update
does: the process that has labelled tens of thousands of objects keeps memory for it until it ends.

--heap runs the first replica of each under heaptrack, and prints what its memory consists of at rest
(scripts/heap-areas.py). That replica's other figures are those of heaptrack as well.
"""
import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse

from local_servers import Api, read_kubeconfig, status_of

CLUSTERS = "/apis/anutosh491.dev/v1alpha1/namespaces/default/digitaloceanclusters"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/capstan-system/leases"
SPEC = {"region": "fra1", "version": "latest", "tokenSecret": "token", "nodePools": [{"name": "main", "size": "s-2vcpu-4gb", "count": 1}],
        "kubeconfigSecret": {"keys": {"kubeconfig": "same", "endpoint": "same"}}}


class Maker:
    """Creates objects over persistent connections, one for each thread."""

    def __init__(self, kubeconfig):
        server, token, self.context = read_kubeconfig(kubeconfig)
        self.url = urllib.parse.urlsplit(server)
        self.headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        self.own = threading.local()

    def make(self, number):
        if not hasattr(self.own, "connection"):
            kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
            self.own.connection = kind(self.url.netloc, **({"context": self.context} if self.url.scheme == "https" else {}))
        body = {"apiVersion": "anutosh491.dev/v1alpha1", "kind": "DigitalOceanCluster", "metadata": {"name": f"fleet-{number:06d}"}, "spec": SPEC}
        self.own.connection.request("POST", CLUSTERS, json.dumps(body), self.headers)
        answer = self.own.connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise SystemExit(f"the server refuses an object: {answer.status} {text[:400]}")


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def unseen(api, page=500):
    """The number of objects without a condition, or nothing if the list expired before its end: tens
    of thousands of objects change while it is read."""
    left, token = 0, ""
    while True:
        try:
            answer = api.ask(f"{CLUSTERS}?limit={page}" + (f"&continue={urllib.parse.quote(token)}" if token else ""))
        except urllib.error.HTTPError as error:
            if error.code == 410:
                return None
            raise
        left += sum(not item.get("status", {}).get("conditions") for item in answer["items"])
        token = answer["metadata"].get("continue", "")
        if not token:
            return left


def owners(api, shards):
    held = {}
    for lease in api.ask(LEASES)["items"]:
        holder = lease["spec"].get("holderIdentity", "")
        if f"-shard-{shards}-" in lease["metadata"]["name"] and holder:
            held.setdefault(holder, []).append(lease)
    return held


def start(options, scratch, kubeconfig, cloud, number, *flags, prefix=()):
    log = open(f"{scratch}/run-{number}.log", "w", encoding="utf-8")
    return subprocess.Popen([*prefix, options.build.resolve() / "bin/capstan", "run", f"--kubeconfig={kubeconfig}", *flags], stderr=log,
                            stdout=subprocess.DEVNULL if prefix else None, env={**os.environ, "DIGITALOCEAN_API_URL": cloud})


def operator_under(pid):
    """The operator that a profiler has started."""
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split():
        if pathlib.Path(f"/proc/{child}/comm").read_text(encoding="utf-8").strip() == "capstan":
            return int(child)
    raise SystemExit("the profiler has started no operator")


def show_heap(what, profiler, pid, file):
    """Ends the operator where it is, so that all its memory is in use, and prints it by area."""
    os.kill(pid, signal.SIGKILL)
    profiler.wait()
    print(f"{what}, replica 1, memory in use at rest:", flush=True)
    recorded = next(file.parent.glob(file.name + "*"))
    subprocess.run([sys.executable, pathlib.Path(__file__).with_name("heap-areas.py"), recorded], check=True)


def update(processes, start_another, api, shards):
    for number, process in enumerate(processes):
        process.terminate()
        process.wait()
        processes[number] = start_another(number)
        time.sleep(5)
        while True:
            held = owners(api, shards)
            if len(held) == len(processes) and sum(len(leases) for leases in held.values()) == shards:
                break
            time.sleep(1)
    print("all replicas were replaced", flush=True)


def show(what, pids, cpu, seconds):
    for number, pid in enumerate(pids, 1):
        print(f"{what}, replica {number}: {status_of(pid, 'VmRSS') / 1024:6.1f} MiB resident, of it anonymous "
              f"{status_of(pid, 'RssAnon') / 1024:.1f}; {status_of(pid, 'Threads')} threads; CPU "
              f"{cpu[number - 1]:.1f} s before it was at rest, at rest {(cpu_of(pid) - cpu[number + len(pids) - 1]) / seconds * 100:.2f} % of a core", flush=True)


def run(options, scratch, kubeconfig, cloud, api, replicas, flags, name):
    heap = pathlib.Path(scratch, f"heap-{replicas}")
    prefix = ["heaptrack", "-o", heap] if options.heap else []
    processes = [start(options, scratch, kubeconfig, cloud, f"{name}-{number}", *flags, prefix=[] if number else prefix) for number in range(replicas)]
    begun = time.monotonic()
    time.sleep(5)
    while unseen(api) != 0:
        if time.monotonic() - begun > 3600:
            raise SystemExit("not all were reconciled within an hour")
        time.sleep(3)
    print(f"{name}: all reconciled after {time.monotonic() - begun:.0f} s", flush=True)
    if options.update and replicas > 1:
        update(processes, lambda number: start(options, scratch, kubeconfig, cloud, f"{name}-{number}", *flags), api, options.shards)
    pids = [operator_under(process.pid) if prefix and number == 0 else process.pid for number, process in enumerate(processes)]
    cpu = [cpu_of(pid) for pid in pids]
    time.sleep(options.settle)
    cpu += [cpu_of(pid) for pid in pids]
    since = time.monotonic()
    time.sleep(options.rest)
    show(name, pids, cpu, time.monotonic() - since)
    if options.heap:
        show_heap(name, processes[0], pids[0], heap)
    return processes


def forget_conditions(api, maker):
    """Gives the next replicas new objects: creates the same ones again."""
    api.ask(CLUSTERS, "DELETE")
    while api.ask(f"{CLUSTERS}?limit=1")["items"]:
        time.sleep(1)
    populate(maker)


def populate(maker):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(maker.make, range(maker.objects)))


def kill_one(options, api, processes):
    before = owners(api, options.shards)
    victim = processes[-1]
    log = pathlib.Path(options.log_of_last).read_text(encoding="utf-8")
    dead = next(holder for holder in before if holder in log)
    begun = time.monotonic()
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    while True:
        now = owners(api, options.shards)
        if dead not in now and sum(len(held) for held in now.values()) == options.shards:
            break
        time.sleep(0.1)
    print(f"the {len(before[dead])} shards of a killed replica had other owners after {time.monotonic() - begun:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--objects", type=int, default=30000)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--shards", type=int, default=12)
    parser.add_argument("--settle", type=int, default=60, help="seconds after all were reconciled, before CPU at rest is counted")
    parser.add_argument("--rest", type=int, default=120, help="seconds over which it is")
    parser.add_argument("--update", action="store_true", help="replace the replicas before their memory at rest is measured")
    parser.add_argument("--heap", action="store_true", help="what the memory of a replica consists of, by heaptrack")
    options = parser.parse_args()
    if options.update and options.heap:
        parser.error("--heap follows the first replica to its end, which --update replaces: give one of them")
    program = options.build.resolve() / "bin/capstan"
    with tempfile.TemporaryDirectory() as scratch:
        kubeconfig, ready = f"{scratch}/kubeconfig", pathlib.Path(scratch, "ready")
        stack = subprocess.Popen([program, "local", "--operator=false", f"--kubeconfig_out={kubeconfig}", f"--ready_file={ready}"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        processes = []
        try:
            while not ready.exists() or not ready.read_text(encoding="utf-8"):
                time.sleep(0.05)
            access = json.loads(ready.read_text(encoding="utf-8"))
            api, maker = Api(kubeconfig), Maker(kubeconfig)
            maker.objects = options.objects
            crds = subprocess.run([program, "crds"], check=True, capture_output=True).stdout
            subprocess.run(["kubectl", "--kubeconfig", kubeconfig, "apply", "-f", "-"], input=crds, check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["kubectl", "--kubeconfig", kubeconfig, "create", "secret", "generic", "token",
                            f"--from-literal=token={access['digitalocean_token']}"], check=True, stdout=subprocess.DEVNULL)
            time.sleep(1)
            populate(maker)
            processes = run(options, scratch, kubeconfig, access["digitalocean_url"], api, 1, ["--leader-elect"], "one replica with all")
            for process in processes:
                process.terminate()
                process.wait()
            forget_conditions(api, maker)
            name = f"{options.replicas} replicas, {options.shards} shards"
            options.log_of_last = f"{scratch}/run-{name}-{options.replicas - 1}.log"
            processes = run(options, scratch, kubeconfig, access["digitalocean_url"], api, options.replicas, [f"--shards={options.shards}"], name)
            if not options.heap:
                kill_one(options, api, processes)
        finally:
            for process in [*processes, stack]:
                process.terminate()
                process.wait()


main()
