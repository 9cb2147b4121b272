#!/usr/bin/env bash
# No token, key or password appears in logs, events, conditions, metrics, ConfigMaps, arguments or
# the environment that the kernel shows, on success and on each failure; each failure is one log
# line that names the endpoint, or a condition and an event on the object.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
seen=$scratch/seen # everything that users and machines can read
mkdir -p "$seen"
start_servers --log-level=debug
cp "$scratch/local.log" "$seen/stack.log"
install
server=$(field server)
api_token=$(sed -n 's/^ *token: //p' "$scratch/kubeconfig")
[ -n "$api_token" ] || fail "no token in the kubeconfig"
secrets=("$token" "$api_token" pr0xy-passw0rd wr0ng-cloud-t0ken wr0ng-api-t0ken env-of-plug1n key-of-envir0nment)
export DIGITALOCEAN_API_URL=$cloud_url

# kubeconfig NAME USER [MORE ABOUT THE CLUSTER] [CA FILE]
ca_data=$(sed -n 's/.*certificate-authority-data: //p' "$scratch/kubeconfig")
echo "$ca_data" | base64 -d > "$scratch/ca.crt"
kubeconfig() {
  printf 'apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "%s", certificate-authority: "%s"%s}}]\nusers: [{name: u, user: %s}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n' \
    "$server" "${4:-$scratch/ca.crt}" "${3:-}" "$2" > "$scratch/$1.kubeconfig"
}
# begin NAME [FLAGS...]: an operator with the most verbose log.
begin() {
  local name=$1
  shift
  "$capstan" run --kubeconfig="$scratch/$name.kubeconfig" --create-settle=1s --log-level=debug --health-address=127.0.0.1:0 "$@" \
    > "$seen/$name.log" 2>&1 &
  operator=$!
  started+=("$operator")
}
# look NAME: saves everything visible of the running operator and its objects.
look() {
  local health
  health=$(grep -F "serving health and metrics" "$seen/$1.log" | grep -o '127\.0\.0\.1:[0-9]*' | head -1)
  tr '\0' ' ' < "/proc/$operator/cmdline" > "$seen/$1.arguments"
  tr '\0' '\n' < "/proc/$operator/environ" > "$seen/$1.environ"
  grep -q ^DIGITALOCEAN_API_URL= "$seen/$1.environ" || fail "the environment of $1 could not be read"
  curl -fsS "http://$health/metrics" > "$seen/$1.metrics" || fail "no metrics of $1"
  curl -sS "http://$health/readyz?verbose" > "$seen/$1.readyz"
  k get doks,events,configmaps,leases -A -o yaml > "$seen/$1.objects" 2>&1
}
finished() { kill -TERM "$operator"; wait "$operator"; local got=$?; [ "$got" = "${1:-0}" ] || fail "exit status $got"; }
# told NAME TIMES TEXT...: so many lines of its log contain all of these texts.
told() {
  local name=$1 times=$2 lines
  shift 2
  lines=$(cat "$seen/$name.log")
  for text in "$@"; do lines=$(grep -F -- "$text" <<< "$lines"); done
  [ "$(grep -c . <<< "$lines")" = "$times" ] || { fail "$name: not $times line(s) with: $*"; tail -5 "$seen/$name.log" >&2; }
}
says_in() { grep -qF -- "$2" "$seen/$1.log"; }

# Success: a token from the environment, one from a Secret, and the API's token from an exec plugin
# that gets a key through its environment.
cat > "$scratch/plugin" << P
#!/bin/sh
[ "\$PLUGIN_KEY" = env-of-plug1n ] && [ "\$ENVIRONMENT_KEY" = key-of-envir0nment ] || { echo "no key" >&2; exit 1; }
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$api_token"
P
chmod +x "$scratch/plugin"
exec_user="{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, env: [{name: PLUGIN_KEY, value: env-of-plug1n}], interactiveMode: Never}}"
kubeconfig good "$exec_user"
ENVIRONMENT_KEY=key-of-envir0nment DIGITALOCEAN_ACCESS_TOKEN=$token HTTPS_PROXY=http://user:pr0xy-passw0rd@127.0.0.1:1 \
  begin good --env-token-namespaces=default --log-format=json
cluster by-secret
k apply -f - > /dev/null << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: by-environment, namespace: default}
spec: {region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
wait_for ready by-secret && wait_for ready by-environment || tail -5 "$seen/good.log" >&2
made=$(k get secret by-secret-kubeconfig -o 'jsonpath={.data.kubeconfig}' | base64 -d | sed -n 's/^ *token: *//p')
[ -n "$made" ] && secrets+=("$made")
# A wrong token for the cloud, and a cloud that answers 403 and echoes the token.
k create secret generic wrong-token --from-literal=token=wr0ng-cloud-t0ken > /dev/null
secret=wrong-token cluster refused
blocked() { [ "$(condition "$1" Synced)" = False ]; }
wait_for blocked refused
warned() { k get events --field-selector="involvedObject.name=$1,type=Warning" -o name | grep -q event; }
wait_for warned refused
look good
k delete doks --all --timeout=90s > /dev/null || fail "they do not go"
finished

serve refusing refusing_cloud 403
kubeconfig forbidden "{token: $api_token}"
DIGITALOCEAN_API_URL=http://$address begin forbidden
cluster quoted
secret=wrong-token cluster quoted-too
wait_for 30 blocked quoted && wait_for 30 blocked quoted-too
look forbidden
k get doks quoted -o 'jsonpath={.status.conditions[?(@.type=="Synced")].message}' | grep -qF 'the token *** is not good enough' ||
  fail "the condition does not say what the cloud said: $(k get doks quoted -o 'jsonpath={.status.conditions}')"
finished
k patch doks quoted quoted-too --type=merge -p '{"metadata":{"finalizers":null}}' > /dev/null
k delete doks --all --wait=false > /dev/null

# Failures to reach the API server: each is one line that names it, until the next attempt a minute
# later.
away() { # NAME TEXT...
  local name=$1
  shift
  begin "$name"
  wait_for says_in "$name" "waiting for the Kubernetes API"
  pause 2
  told "$name" 1 "waiting for the Kubernetes API" "server=$server" "$@"
  told "$name" 1 WARNING
  look "$name"
  finished
}
kubeconfig wrong-token "{token: wr0ng-api-t0ken}"
away wrong-token Unauthorized
kubeconfig anonymous "{}"
away anonymous "system:anonymous" "cannot get resource"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$scratch/client.key" -out "$scratch/client.crt" -subj /CN=stranger -days 1 2> /dev/null
secrets+=("$(sed -n 2p "$scratch/client.key")")
kubeconfig unknown-authority "{client-certificate: client.crt, client-key: client.key}" "" "$scratch/client.crt"
away unknown-authority certificate
kubeconfig other-name "{token: $api_token}" ", tls-server-name: elsewhere.example"
away other-name elsewhere.example
cat > "$scratch/plugin" << P
#!/bin/sh
echo "login with \$PLUGIN_KEY failed: $api_token was refused" >&2
exit 3
P
kubeconfig broken-plugin "$exec_user"
away broken-plugin 'plugin\" ended with status 3: login with *** failed: *** was refused'
serve proxy connect_proxy "$scratch/proxy.log" "${server#https://}" user:another-one
proxy=$address
kubeconfig refusing-proxy "{token: $api_token}" ", proxy-url: \"http://user:pr0xy-passw0rd@$proxy\""
away refusing-proxy "proxy $proxy refused a tunnel" 407
kubeconfig dead-proxy "{token: $api_token}" ", proxy-url: \"http://user:pr0xy-passw0rd@127.0.0.1:1\""
away dead-proxy "127.0.0.1:1" refused
nth=0
for bad in 'socks4://user:pr0xy-passw0rd@127.0.0.1:1' 'http://user:pr0xy-passw0rd@:x' 'user:pr0xy-passw0rd'; do
  kubeconfig bad-proxy "{token: $api_token}" ", proxy-url: \"$bad\""
  begin bad-proxy
  wait "$operator" && fail "a proxy that cannot be used: $bad"
  [ "$(grep -c . "$seen/bad-proxy.log")" = 1 ] || { fail "not one line about the proxy"; cat "$seen/bad-proxy.log" >&2; }
  cp "$seen/bad-proxy.log" "$seen/bad-proxy-$((++nth)).log"
done

# Everything in one process.
kill -TERM "$stack"; wait "$stack"
DIGITALOCEAN_ACCESS_TOKEN=$token "$capstan" local --log-level=debug --kubeconfig-out="$scratch/kubeconfig" --ready-file="$scratch/ready2" \
  --provisioning-seconds=1 > "$seen/local.log" 2>&1 &
operator=$!
started+=("$operator")
wait_for test -s "$scratch/ready2"
secrets+=("$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["digitalocean_token"])' "$scratch/ready2")" "$(sed -n 's/^ *token: //p' "$scratch/kubeconfig")")
wait_for k get doks
k create secret generic wrong-token --from-literal=token=wr0ng-cloud-t0ken > /dev/null
secret=wrong-token cluster refused
wait_for 30 blocked refused
tr '\0' '\n' < "/proc/$operator/environ" > "$seen/local.environ"
tr '\0' ' ' < "/proc/$operator/cmdline" > "$seen/local.arguments"
k get doks,events,configmaps,leases -A -o yaml > "$seen/local.objects"

for secret in "${secrets[@]}"; do
  [ "${#secret}" -ge 8 ] || fail "a secret of ${#secret} characters proves nothing"
  for form in "$secret" "$(printf %s "$secret" | base64 -w0 | sed 's/=*$//')"; do
    grep -rlF -- "$form" "$seen" > "$scratch/leaks" && { fail "the secret ${secret:0:4}... is in: $(tr '\n' ' ' < "$scratch/leaks")"; }
  done
done
[ "$(find "$seen" -size +0 | wc -l)" -ge 30 ] || fail "too little was looked at"
finish
