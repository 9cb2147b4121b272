#!/usr/bin/env python3
# admission.py KUBECONFIG CRD_FILE: how the API server validates a DigitalOceanCluster, case by
# case; every rule of the CRD has a case. Nothing is stored: everything except changed objects is a
# dry run.
import concurrent.futures
import json
import re
import subprocess
import sys

KUBECONFIG, CRD = sys.argv[1:]
POOL = {"name": "main", "size": "s-2vcpu-4gb", "count": 2}
LEAST = {"region": "fra1", "version": "1.34", "nodePools": [POOL]}
VPC = "c33931f2-a26a-4e61-b85c-4e95a2ec431b"
OTHER = "11111111-2222-3333-4444-555555555555"
NEEDED = "region, version and nodePools are needed, except to adopt a cluster or to refer to one (managementPolicy ReadOnly)"
ON, OFF = {"enabled": True}, {"enabled": False}
failures = []


def spec(**more):
    return {key: value for key, value in {**LEAST, **more}.items() if value is not None}


def pool(**more):
    return spec(nodePools=[{key: value for key, value in {**POOL, **more}.items() if value is not None}])


TAKEN = [
    spec(),
    spec(version="latest"), spec(version="1.34.1-do.0"),
    {"adopt": {"clusterID": OTHER}}, {"adopt": {"name": "theirs"}},
    {"adopt": {"clusterID": OTHER}, "managementPolicy": "ReadOnly"}, {"managementPolicy": "ReadOnly"}, {"managementPolicy": "ReadOnly", "name": "theirs"},
    spec(managementPolicy="ReadOnly"), spec(createTimeoutSeconds=60), spec(createTimeoutSeconds=86400),
    pool(count=None, autoScale=True, minNodes=1, maxNodes=5), pool(autoScale=True, minNodes=3, maxNodes=3),
    spec(nodePools=[POOL, {**POOL, "name": "b", "count": 0}]), pool(count=0, autoScale=True, minNodes=0, maxNodes=3),
    {"adopt": {"clusterID": OTHER}, "nodePools": [{**POOL, "count": 0}]},
    {"adopt": {"clusterID": OTHER}, "nodePools": [{"name": "main", "size": "s-2vcpu-4gb"}]},
    pool(labels={}, taints=[], tags=[], autoScale=False),
    pool(labels={"example.com/tier": "web", "empty": ""}, taints=[{"key": "example.com/only", "value": "a", "effect": "NoSchedule"}]),
    pool(taints=[{"key": "a", "effect": "NoSchedule"}, {"key": "a", "effect": "NoExecute"}]),
    pool(tags=["team:x"], gpuPartitionMode="AMD_PARTITION_MODE_SPX_NPS1"),
    spec(vpcUUID=VPC, workerSubnetUUID=OTHER, clusterSubnet="10.244.0.0/16", serviceSubnet="10.245.0.0/16", isolatedWorkers=True),
    spec(maintenancePolicy={"day": "any", "startTime": "23:59"}),
    spec(controlPlaneFirewall={"enabled": True, "allowedAddresses": ["1.2.3.4", "10.0.0.0/8"]}),
    spec(clusterAutoscalerConfiguration={"scaleDownUtilizationThreshold": 0.65, "scaleDownUnneededTime": "1m30s", "expanders": ["random", "priority"]}),
    spec(sso={"enabled": True, "issuerURL": "https://issuer.example", "clientID": "c", "required": True}), spec(sso=OFF),
    spec(nvidiaGPUDRADriver=ON, nvidiaGPUDevicePlugin=OFF), spec(amdGPUDRADriver=OFF, amdGPUDevicePlugin=ON),
    spec(registryEnabled=True, registries=["a"]), spec(registryEnabled=False, registries=[]), spec(registries=["a", "b"]),
    spec(associatedResources="Keep"), spec(associatedResources="Delete"), spec(associatedResources={}),
    spec(associatedResources={"volumes": True, "loadBalancers": ["id"]}),
    spec(associatedResources={"volumes": False, "loadBalancers": True, "volumeSnapshots": []}),
    spec(kubeconfigExpirySeconds=0), spec(kubeconfigExpirySeconds=600),
    spec(tokenSecret="digitalocean-token"), spec(tokenSecret="team-a/digitalocean-token"),
]

# The server's message, and the case.
REFUSED = [
    (NEEDED, spec(region=None)),
    (NEEDED, spec(version=None)),
    (NEEDED, spec(nodePools=None)),
    ("workerSubnetUUID needs vpcUUID", spec(workerSubnetUUID=OTHER)),
    ("nvidiaGPUDRADriver excludes nvidiaGPUDevicePlugin", spec(nvidiaGPUDRADriver=ON, nvidiaGPUDevicePlugin=ON)),
    ("amdGPUDRADriver excludes amdGPUDevicePlugin", spec(amdGPUDRADriver=ON, amdGPUDevicePlugin=ON)),
    ("registryEnabled says the opposite of registries", spec(registryEnabled=False, registries=["a"])),
    ("registryEnabled says the opposite of registries", spec(registryEnabled=True, registries=[])),
    ("count is needed unless autoScale is true", pool(count=None)),
    ("count is needed unless autoScale is true", pool(count=None, autoScale=False)),
    ("autoScale needs minNodes and maxNodes, and minNodes must not be above maxNodes", pool(autoScale=True, minNodes=1)),
    ("autoScale needs minNodes and maxNodes, and minNodes must not be above maxNodes", pool(autoScale=True, minNodes=5, maxNodes=2)),
    ("tags k8s, k8s:, k8s-worker, terraform: and capstan are reserved", pool(tags=["capstan-pool:x"])),
    ("tags k8s, k8s:, k8s-worker, terraform: and capstan are reserved", pool(tags=["k8s-worker"])),
    ("tags k8s, k8s:, k8s-worker, terraform: and capstan are reserved", spec(tags=["capstan:1"])),
    ("tags k8s, k8s:, k8s-worker, terraform: and capstan are reserved", spec(tags=["capstan-owner:1"])),
    ("tags k8s, k8s:, k8s-worker, terraform: and capstan are reserved", spec(tags=["terraform:x"])),
    ("tags k8s, k8s:, k8s-worker, terraform: and capstan are reserved", spec(tags=["k8s:x"])),
    ("sso needs issuerURL and clientID when enabled", spec(sso={"enabled": True, "issuerURL": "https://issuer.example"})),
    ("sso can only be required when enabled", spec(sso={"enabled": False, "required": True})),
    ("adopt needs either clusterID or name", {"adopt": {}}),
    ("adopt needs either clusterID or name", {"adopt": {"clusterID": OTHER, "name": "a"}}),
    ("spec.version", spec(version="newest")), ("spec.version", spec(version="v1.34")),
    ("spec.nodePools", spec(nodePools=[])),
    ("Duplicate value", spec(nodePools=[POOL, POOL])),
    *(("the name of a pool has lower case letters, digits and dashes, and a letter or digit at both ends: nodes are named after it", pool(name=name))
      for name in ("Main", "Worker_Pool", "worker_pool", "-main", "main-", "a.b", "a b", "\u00e4")),
    ("spec.nodePools[0].name", pool(name="")), ("spec.nodePools[0].name", pool(name="a" * 51)), ("spec.nodePools[0].size", pool(size=None)), ("spec.nodePools[0].count", pool(count=-1)),
    ("a cluster needs a pool with at least one node", pool(count=0)),
    ("a cluster needs a pool with at least one node", spec(nodePools=[{**POOL, "count": 0}, {**POOL, "name": "b", "count": 0}])),
    *(("a key of labels is a name, or prefix/name with a DNS name for prefix", pool(labels={key: "a"})) for key in ("a b", "Upper.Case/a", "a/b/c", "/a")),
    ("spec.nodePools[0].labels.tier", pool(labels={"tier": "-web"})), ("spec.nodePools[0].labels.tier", pool(labels={"tier": "x" * 64})),
    ("spec.nodePools[0].taints[0].key", pool(taints=[{"key": "a b", "effect": "NoExecute"}])),
    ("spec.nodePools[0].taints[0].value", pool(taints=[{"key": "a", "value": "b c", "effect": "NoExecute"}])),
    ("spec.nodePools[0].taints[0].effect", pool(taints=[{"key": "a", "effect": "Never"}])),
    ("Duplicate value", pool(taints=[{"key": "a", "effect": "NoExecute"}, {"key": "a", "value": "b", "effect": "NoExecute"}])),
    ("spec.nodePools[0].tags[0]", pool(tags=["a b"])), ("spec.tags[0]", spec(tags=["a/b"])),
    ("spec.nodePools[0].gpuPartitionMode", pool(gpuPartitionMode="half")),
    ("spec.maintenancePolicy.day", spec(maintenancePolicy={"day": "someday"})),
    ("spec.maintenancePolicy.startTime", spec(maintenancePolicy={"startTime": "25:00"})),
    ("spec.vpcUUID", spec(vpcUUID="default")), ("spec.clusterSubnet", spec(clusterSubnet="10.244.0.0")), ("spec.serviceSubnet", spec(serviceSubnet="::/64")),
    ("spec.controlPlaneFirewall.allowedAddresses[0]", spec(controlPlaneFirewall={"enabled": True, "allowedAddresses": ["anyone"]})),
    ("spec.clusterAutoscalerConfiguration.expanders[0]", spec(clusterAutoscalerConfiguration={"expanders": ["cheapest"]})),
    ("spec.clusterAutoscalerConfiguration.scaleDownUnneededTime", spec(clusterAutoscalerConfiguration={"scaleDownUnneededTime": "soon"})),
    ("spec.clusterAutoscalerConfiguration.scaleDownUtilizationThreshold", spec(clusterAutoscalerConfiguration={"scaleDownUtilizationThreshold": 65})),
    *(("spec.associatedResources", spec(associatedResources=value)) for value in (
        "Some", "delete", True, False, 0, 3, 1.5, [], ["volumes"], {"loadbalancers": True}, {"volumes": True, "droplets": True}, {"All": True})),
    *((f"spec.associatedResources.{kind}", spec(associatedResources={kind: value}))
      for kind in ("loadBalancers", "volumes", "volumeSnapshots") for value in ("yes", "true", 1, {}, {"a": True}, [1], [""])),
    (NEEDED, {"managementPolicy": "Full"}), (NEEDED, {"managementPolicy": "Observe"}),
    *(("spec.createTimeoutSeconds", spec(createTimeoutSeconds=value)) for value in (-1, 0, 59, 86401, "30m", 90.5)),
    *(("spec.managementPolicy", spec(managementPolicy=value)) for value in ("None", "Readonly", "")), ("spec.deletionPolicy", spec(deletionPolicy="Keep")),
    *(("spec.kubeconfigExpirySeconds", spec(kubeconfigExpirySeconds=value)) for value in (-1, 1, 24, 599)),
    ("spec.tokenSecret", spec(tokenSecret="a/b/c")), ("spec.tokenSecret", spec(tokenSecret="Token")),
    ("spec.adopt.clusterID", {"adopt": {"clusterID": "theirs"}}),
    ("spec.adopt.clusterID", {"adopt": {"clusterID": "BD5F5959-5E1E-4205-A714-A914373942AF"}}),
    ("spec.region", spec(region=7)), ("spec.ha", spec(ha="yes")),
]

FIXED = {"region": ("fra1", "nyc1"), "vpcUUID": (VPC, OTHER), "workerSubnetUUID": (VPC, OTHER), "clusterSubnet": ("10.1.0.0/16", "10.2.0.0/16"),
         "serviceSubnet": ("10.3.0.0/16", "10.4.0.0/16"), "isolatedWorkers": (True, False)}
# The server's message (None: accepted) for a change from one spec to another.
CHANGES = [("ha cannot be switched off", spec(ha=True), spec(ha=False)), ("ha cannot be switched off", spec(ha=True), spec()),
           (None, spec(ha=False), spec(ha=True)), (None, spec(), spec(version="1.35", tags=["a"])),
           (None, {"adopt": {"clusterID": OTHER}}, spec(adopt={"clusterID": OTHER})), (None, spec(adopt={"clusterID": OTHER}), spec()),
           (None, {"managementPolicy": "ReadOnly"}, {"adopt": {"name": "theirs"}, "managementPolicy": "Observe"}),
           (NEEDED, {"managementPolicy": "ReadOnly"}, {"managementPolicy": "Full"})]
for field, (before, after) in FIXED.items():
    beside = {"vpcUUID": VPC} if field == "workerSubnetUUID" else {}
    text = f"{field} is fixed when the cluster is created"
    CHANGES.append((text, spec(**beside, **{field: before}), spec(**beside, **{field: after})))
    if field != "region":
        CHANGES.append((text, spec(**beside, **{field: before}), spec(**beside)))
        CHANGES.append((text, spec(**beside), spec(**beside, **{field: before})))


def kubectl(*arguments, document=None):
    run = subprocess.run(["kubectl", f"--kubeconfig={KUBECONFIG}", *arguments], input=json.dumps(document) if document else None,
                         capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout + run.stderr


def cluster(name, wanted):
    return {"apiVersion": "anutosh491.dev/v1alpha1", "kind": "DigitalOceanCluster", "metadata": {"name": name, "namespace": "default"}, "spec": wanted}


def judge(what, expected, answer):
    status, said = answer
    if expected is None and status != 0:
        failures.append(f"refused: {what}\n  {said.strip()}")
    if expected is not None and (status == 0 or expected not in said):
        failures.append(f"{'taken' if status == 0 else 'refused in other words'} instead of \"{expected}\": {what}\n  {said.strip()}")


def create(case):
    expected, wanted = case
    judge(json.dumps(wanted), expected, kubectl("create", "--dry-run=server", "-f", "-", document=cluster("tried", wanted)))


def change(numbered):
    number, (expected, before, after) = numbered
    name = f"changed-{number}"
    judge(json.dumps(before), None, kubectl("create", "-f", "-", document=cluster(name, before)))
    judge(f"{json.dumps(before)} to {json.dumps(after)}", expected, kubectl("replace", "--dry-run=server", "-f", "-", document=cluster(name, after)))


with concurrent.futures.ThreadPoolExecutor(4) as workers:
    list(workers.map(create, [(None, wanted) for wanted in TAKEN] + REFUSED))
    list(workers.map(change, enumerate(CHANGES)))
with open(CRD, encoding="utf-8") as file:
    rules = set(re.findall(r"rule: .*\n\s+message: '?(.*?)'?\n", file.read()))
said = {case[0] for case in REFUSED + CHANGES}
failures += [f"no case is about the rule \"{rule}\"" for rule in sorted(rules - said)]
if len(rules) < 15:
    failures.append(f"only {len(rules)} rules were found in {CRD}")
print(f"{len(TAKEN)} taken, {len(REFUSED)} refused, {len(CHANGES)} changes, {len(rules)} rules")
sys.exit("\n".join(failures) or 0)
