#!/usr/bin/env python3
"""Measures an operator against `capstan local`: time from its start to the first object that it
creates, idle memory, threads, size.

    scripts/measure-operator.py BUILD [--runs N] [--objects N]

BUILD is a build folder with bin/capstan and bin/website (examples/website). The API server is the
embedded one, on loopback. A Website exists before the operator starts; the measurement ends when
its ConfigMap can be read. For comparison, the script also measures how long the server takes for
the requests that any operator must send before it can write: a list of each of its three kinds and
one apply.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

from local_servers import Api, status_of


def website(name):
    return json.dumps({"apiVersion": "example.dev/v1", "kind": "Website", "metadata": {"name": name}, "spec": {"title": name}})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--objects", type=int, default=500, help="Websites for the memory under load")
    options = parser.parse_args()
    binaries = options.build.resolve() / "bin"
    crd = pathlib.Path(__file__).resolve().parent.parent / "examples/website/crd.yaml"
    with tempfile.TemporaryDirectory() as scratch:
        kubeconfig, ready = f"{scratch}/kubeconfig", pathlib.Path(scratch, "ready")
        stack = subprocess.Popen([binaries / "capstan", "local", "--operator=false", f"--kubeconfig-out={kubeconfig}",
                                  f"--ready-file={ready}", f"--data-dir={scratch}/data"], stderr=subprocess.DEVNULL)
        try:
            while not ready.exists() or not ready.read_text():
                time.sleep(0.05)
            api = Api(kubeconfig)
            subprocess.run(["kubectl", "--kubeconfig", kubeconfig, "apply", "-f", crd], check=True, stdout=subprocess.DEVNULL)
            time.sleep(1)
            measure(api, binaries, kubeconfig, options)
        finally:
            stack.terminate()
            stack.wait()


def start(binaries, kubeconfig):
    return subprocess.Popen([binaries / "website", f"--kubeconfig={kubeconfig}"], stderr=subprocess.DEVNULL)


def measure(api, binaries, kubeconfig, options):
    websites, maps = "/apis/example.dev/v1/namespaces/default/websites", "/api/v1/namespaces/default/configmaps"
    firsts, before, memory, own, threads, answers = [], [], [], [], [], []
    for run in range(options.runs):
        name = f"run-{run}"
        api.ask(websites, "POST", website(name))
        begun = time.monotonic()
        for path in ("/apis/example.dev/v1/websites", "/api/v1/configmaps", "/apis/apps/v1/deployments"):
            api.ask(path)
        api.ask(f"{maps}/probe-{run}?fieldManager=probe", "PATCH",
                json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"probe-{run}"}}), "application/apply-patch+yaml")
        answers.append(time.monotonic() - begun)
        begun = time.monotonic()
        process = start(binaries, kubeconfig)
        while not api.there(f"{maps}/{name}-page"):
            time.sleep(0.002)
        firsts.append(time.monotonic() - begun)
        time.sleep(0.5)
        before.append(status_of(process.pid, "VmRSS"))
        time.sleep(3)
        memory.append(status_of(process.pid, "VmRSS"))
        own.append(status_of(process.pid, "RssAnon"))
        threads.append(status_of(process.pid, "Threads"))
        process.terminate()
        process.wait()
    for number in range(options.objects):
        api.ask(websites, "POST", website(f"many-{number}"))
    process = start(binaries, kubeconfig)
    while not api.there(f"{maps}/many-{options.objects - 1}-page"):
        time.sleep(0.05)
    time.sleep(5)
    many = status_of(process.pid, "VmRSS")
    process.terminate()
    process.wait()
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "-o", stripped.name, binaries / "website"], check=True)
        size = pathlib.Path(stripped.name).stat().st_size
    print(f"first object made after    {statistics.median(firsts) * 1000:.0f} ms (the server's answers: {statistics.median(answers) * 1000:.0f} ms)")
    print(f"resident at rest           {statistics.median(memory) / 1024:.1f} MB, {statistics.median(threads):.0f} threads")
    print(f"  of that its own          {statistics.median(own) / 1024:.1f} MB; the rest is code, which all programs that use it share")
    print(f"  before it let go of code {statistics.median(before) / 1024:.1f} MB")
    print(f"resident, {options.objects} Websites     {many / 1024:.1f} MB")
    print(f"binary, stripped           {size / 1e6:.1f} MB")


main()
