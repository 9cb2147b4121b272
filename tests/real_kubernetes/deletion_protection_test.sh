#!/usr/bin/env bash
# deploy/deletion-protection refuses to delete a protected cluster, and nothing else. It is
# evaluated by the admission code of a server that is new enough: the custom resource server behind
# an old kube-apiserver is started a second time with that admission plugin enabled;
# policy_server.py provides the policies, which the old server cannot store.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
. "$(dirname "${BASH_SOURCE[0]}")/real_server.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${CAPSTAN_KUBERNETES_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-kubernetes}
start_kubernetes --aggregate anutosh491.dev/v1alpha1
[ -x "$bin/apiextensions-apiserver" ] || { echo "skipped: no custom resource server of its own in $bin"; exit 77; }
cd "$scratch/kubernetes" || exit 1

kubectl label --local -f "$here/../../deploy/deletion-protection/policy.yaml" tested=yes -o json > "$scratch/policies.json" ||
  { fail "policy.yaml cannot be read"; finish; }
serve policies policy_server "$(server_of kubeconfig)" admintoken "$scratch/policies.json"
cat > "$scratch/with-policies" << K
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://$address"}}]
users: [{name: u, user: {}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
K
port=$(free_port)
"$bin/apiextensions-apiserver" --etcd-servers="$(cat etcd-url)" --etcd-prefix=/crds --bind-address=127.0.0.1 --secure-port="$port" \
  --cert-dir="$scratch/certs" --kubeconfig="$scratch/with-policies" --authentication-kubeconfig=kubeconfig --authorization-kubeconfig=kubeconfig \
  --authentication-tolerate-lookup-failure --enable-priority-and-fairness=false --client-ca-file=ca.crt \
  --disable-admission-plugins=MutatingAdmissionPolicy,MutatingAdmissionWebhook,ValidatingAdmissionWebhook,NamespaceLifecycle \
  --enable-admission-plugins=ValidatingAdmissionPolicy > "$scratch/server.log" 2>&1 &
started+=($!)
protected=https://127.0.0.1:$port
ask() { # METHOD PATH [curl arguments...]: the response is in $scratch/answer, the status is printed
  local method=$1 path=$2
  shift 2
  curl -sk -o "$scratch/answer" -w '%{http_code}' -X "$method" -H "Authorization: Bearer admintoken" "$protected$path" "$@"
}
is_ready() { [ "$(ask GET /readyz)" = 200 ]; }
wait_for is_ready || { tail -5 "$scratch/server.log" >&2; finish; }
"$capstan" crds > "$scratch/crd.yaml"
[ "$(ask POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions -H 'Content-Type: application/yaml' --data-binary @"$scratch/crd.yaml")" = 201 ] ||
  { fail "the CRD is refused"; cat "$scratch/answer" >&2; finish; }
objects=/apis/anutosh491.dev/v1alpha1/namespaces/default/digitaloceanclusters
served() { [ "$(ask GET $objects)" = 200 ]; }
wait_for served || finish

made() {
  case $(ask POST $objects -H 'Content-Type: application/yaml' --data-binary "
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: $1, namespace: default$3}
spec: {${2}region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}") in 201 | 409) ;; *) return 1 ;; esac
}
# make NAME "more of its spec": a kind may not accept objects yet immediately after it is served.
make() { wait_for made "$@" || { fail "make $1"; cat "$scratch/answer" >&2; }; }
says() { grep -qF -- "$1" "$scratch/answer" || { fail "it does not say \"$1\":"; cat "$scratch/answer" >&2; }; }

make plain "" ""
make open "deletionProtection: false, " ""
make kept "deletionProtection: true, " ""
make going "" ", finalizers: [capstan.dev/cleanup]"
# The server reads the policy a moment after it is ready; until then a dry run is safer than a
# deletion.
refused() { [ "$(ask DELETE "$objects/kept?dryRun=All")" = 403 ]; }
wait_for refused || { cat "$scratch/answer" >&2; tail -5 "$scratch/server.log" >&2; finish; }
[ "$(ask DELETE $objects/kept)" = 403 ] || fail "a protected one is deleted"
says "DigitalOceanCluster default/kept is protected"
says 'kubectl patch digitaloceancluster kept -n default --type=merge'
[ "$(ask DELETE $objects)" = 403 ] || fail "all at once are deleted with the protected one among them: $(cat "$scratch/answer")"
[ "$(ask GET $objects/kept)" = 200 ] || fail "the protected one is gone"
python3 -c 'import json, sys; sys.exit("deletionTimestamp" in json.load(open(sys.argv[1]))["metadata"])' "$scratch/answer" || fail "its deletion has begun"
for name in plain open; do
  case $(ask DELETE $objects/$name) in 200 | 404) ;; *) fail "$name, which is not protected, is not deleted: $(cat "$scratch/answer")" ;; esac
done
# Disabled as the message says, the cluster can be deleted.
[ "$(ask PATCH $objects/kept -H 'Content-Type: application/merge-patch+json' -d '{"spec":{"deletionProtection":false}}')" = 200 ] || fail "switch off"
[ "$(ask DELETE $objects/kept)" = 200 ] || fail "it does not go after that: $(cat "$scratch/answer")"
# Protected while it is already being deleted: a second DELETE is not an error.
case $(ask DELETE $objects/going) in 200 | 202) ;; *) fail "delete going: $(cat "$scratch/answer")" ;; esac
[ "$(ask PATCH $objects/going -H 'Content-Type: application/merge-patch+json' -d '{"spec":{"deletionProtection":true}}')" = 200 ] || fail "protect going"
case $(ask DELETE $objects/going) in 200 | 202) ;; *) fail "delete it again: $(cat "$scratch/answer")" ;; esac
finish
