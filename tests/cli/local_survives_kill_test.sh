#!/usr/bin/env bash
# With a data folder, objects and clouds exist again after kill -9; the ready file is complete;
# Ctrl-C ends it within 5 s.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"

start_stack --data-dir="$scratch/data"
python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); assert d["kubeconfig"].endswith("/kubeconfig") and d["digitalocean_url"].startswith("http://127.0.0.1:") and d["digitalocean_token"]' "$scratch/ready" || fail "the ready file"
secret="" cluster kept
wait_for 40 ready kept
id=$(k get doks kept -o 'jsonpath={.status.clusterID}')
uid=$(k get doks kept -o 'jsonpath={.metadata.uid}')
kill -9 "$stack"; wait "$stack" 2> /dev/null

start_stack --data-dir="$scratch/data"
[ "$(k get doks kept -o 'jsonpath={.metadata.uid}')" = "$uid" ] || fail "the object is not the same after kill -9"
cloud GET "/v2/kubernetes/clusters/$id" | grep -q "$id" || fail "the cloud lost cluster $id"
[ "$(clusters)" = 1 ] || fail "not exactly one cluster but $(clusters)"
k delete doks kept --timeout=30s > /dev/null || fail "delete after the restart"
[ "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$cloud_url/v2/kubernetes/clusters/$id")" = 404 ] || fail "the cluster is still there"

began=$SECONDS
kill -INT "$stack"
wait "$stack"
status=$?
[ "$status" = 0 ] || fail "exit status $status after Ctrl-C"
[ $((SECONDS - began)) -le 15 ] || fail "Ctrl-C took $((SECONDS - began)) s"
! grep -q "$token" "$scratch/local.log" || fail "the token is in the output"
finish
