#!/usr/bin/env bash
# The tests of the examples, unchanged, on a real kube-apiserver: real_test.sh BIN SCRATCH. It has
# no controller-manager, so tests that need garbage collection are excluded; so are a crash at every
# effect, which takes a lease duration each, tests that wait for the check of Secrets or the search
# for orphans, which take minutes (simulated time covers both), and tests of an operator's counters,
# which do not depend on the server.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../real_kubernetes/real_server.sh"
bin=$(dirname "$capstan")
start_kubernetes
export CAPSTAN_TEST_KUBECONFIG=$scratch/kubernetes/kubeconfig
for test in website_test mirror_test bucket_test; do
  timeout 300 "$bin/$test" "--gtest_filter=-*TakesItsObjectsAlong*:*WhereverTheOperatorCrashes*:*ItsSecretIsReleased*:*AsCapstanRunDoes*:*AsAnOrphan*:*OfItsCredential*" > "$scratch/$test.log" 2>&1 ||
    { fail "$test on a real server"; tail -60 "$scratch/$test.log" >&2; }
done
finish
