// The configuration of a SimulatedCloud: its accounts, its catalog, the duration of operations, and
// its answers where the real ones are not publicly known. Values; thread-safe as values are.
//
// There are three kinds of fields. "documented" follows DigitalOcean's OpenAPI document or what its
// clients rely on. "seen" follows a public report. CHOICE marks a question that no available source
// answers: it is a switch, so that a client can be tested both ways, and its default says nothing
// about the real service.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::simulated_digitalocean {

// One bearer token. Without scopes it has full access; with scopes only what they name
// ("kubernetes:read", ...).
struct TokenOptions {
  Secret token;
  std::vector<std::string> scopes;
};
// The scopes of a read-only token; add "account:read" for GET /v2/account.
std::vector<std::string> ReadOnlyScopes();
// Full access to clusters but none to the account: GET /v2/account returns 403.
std::vector<std::string> ScopesWithoutAccount();

struct AccountOptions {
  std::string uuid = "b6fc48dbf6d9906cace5f3c78dc9851e757381ef";  // documented form: no dashes
  std::string email = "captain@example.com";
  std::string name = "Captain Example";
  std::string team_uuid;  // empty: the account has no team
  std::string team_name = "Example Team";
  std::string status = "active";  // active, warning or locked; a locked account gets 403 (CHOICE)
  int droplet_limit = 25;         // nodes of all its clusters; above it 422 (seen)
  std::vector<TokenOptions> tokens;
  std::vector<std::string> registries;  // names of its container registries
  bool custom_expanders = true;         // false: 422 "custom autoscaler expanders not enabled" (seen 2025)
};

struct VersionOptions {
  std::string slug;  // "1.35.3-do.0"
  std::vector<std::string> features = {"cluster-autoscaler", "docr-integration", "token-authentication"};
};
struct RegionOptions {
  std::string slug, name;
  bool kubernetes = true;  // whether /v2/kubernetes/options lists it
  bool available = true;
};
struct SizeOptions {
  std::string slug;
  std::string name;  // in /v2/kubernetes/options; empty: the slug
  int memory_mb = 2048;
  int vcpus = 1;
  int disk_gb = 50;
  double price_monthly = 12;  // US dollars; the hourly price is 1/672 of it
  std::string gpu_model;      // "nvidia_h100", "amd_mi300x"; empty: no GPU
  int gpu_count = 0;
  bool kubernetes = true;  // false: a Droplet size that clusters cannot use (seen)
};
struct Catalog {
  std::vector<VersionOptions> versions;  // newest first, which clients rely on
  std::vector<RegionOptions> regions;
  std::vector<SizeOptions> sizes;
};
// Four minor versions with two patches each, a dozen regions, some thirty sizes. Prices have the
// right order of magnitude but are not real ones.
Catalog DefaultCatalog();

// The duration of each state. DigitalOcean documents none of them; reports mention about five
// minutes for a cluster.
struct Durations {
  Duration provisioning = std::chrono::minutes(4);  // until a new cluster and its nodes are running
  Duration upgrade = std::chrono::minutes(8);
  Duration deletion = std::chrono::seconds(30);  // from the 204 until its Droplets are gone
  Duration node_provisioning = std::chrono::seconds(90);
  Duration node_drain = std::chrono::seconds(20);
  Duration node_deletion = std::chrono::seconds(10);
  Duration clusterlint = std::chrono::seconds(5);
};

struct RateLimitOptions {
  int per_hour = 5000;   // documented; for each token, sliding hour. 0: no limit
  int per_minute = 250;  // documented; above it 429 with retry-after. 0: no limit
};

// kShuffled: another order for each request.
enum class ListOrder { kOldestFirst, kNewestFirst, kShuffled };
// The answer to count 0: 422 (CHOICE), 500 (seen 2019), or allowed (documentation page).
enum class ZeroCount { kRefused, kServerError, kAllowed };
// A network of another region: hangs in provisioning (seen 2020), or 422 (CHOICE).
enum class ForeignVpc { kHangs, kRefused };

// Open questions, and some with contradictory answers. All are CHOICEs unless marked.
struct Behaviour {
  // A new cluster appears in lists only after this delay; GET by id returns it immediately.
  Duration list_lag = Duration::zero();
  // Lists still contain a deleted cluster for this long after GET returns 404.
  Duration list_keeps_deleted = Duration::zero();
  ListOrder list_order = ListOrder::kOldestFirst;
  bool links_repeat_per_page = true;  // whether the URLs in `links` include per_page
  int bad_page_status = 0;            // page or per_page out of range: 0 clamps, otherwise this status

  // After DELETE: true returns `deleting` in GET and list until the cluster is gone; false returns
  // 404 immediately (the Droplets keep running). DigitalOcean's own Go client cannot decode
  // `deleting`: switch it off for such clients.
  bool show_deleting = true;
  // A deleted pool stays visible until its last node is gone (clients poll for its 404).
  bool show_deleting_pools = true;
  // A second cluster of the same name is refused (seen 2022; status and wording are ours: 422).
  bool unique_names = true;
  // With unique_names: the name stays taken until the old cluster is gone.
  bool deleting_holds_name = true;

  // min_nodes 0: 422 (seen 2021, 2024), or allowed (documentation page 2025).
  bool allow_zero_min_nodes = false;
  ZeroCount zero_count = ZeroCount::kRefused;
  bool allow_no_pools = false;  // deleting the last pool: false means 422
  // Changes while provisioning or upgrading: 0 accepts, otherwise 409, 412 or 422.
  int status_while_busy = 0;
  int status_while_deleting = 422;  // changes while the state is `deleting`

  int bad_uuid_status = 404;     // an id in a path that is not a UUID
  int fixed_fields_status = 0;   // PUT names an immutable field: 0 ignores it, otherwise 422
  bool empty_tags_clear = true;  // PUT {"tags": []} clears the user's tags, or changes nothing
  // Only one of cluster_subnet and service_subnet is given: 422, or the default for the other.
  bool require_both_subnets = true;
  ForeignVpc foreign_vpc = ForeignVpc::kHangs;
  int missing_registry_status = 422;  // registry calls of an account without that registry
  // Selective deletion names an id that does not belong to the cluster: 0 ignores it.
  int foreign_associated_status = 0;
  // Cluster and pool names must be DNS labels, or can be any text up to 255 bytes.
  bool strict_names = false;
  bool tells_transitions = true;  // status_messages report states and pools; the wording is ours
  // From an older patch, /upgrades also lists the next minor version, which POST then refuses:
  // "invalid upgrade path" (that refusal was seen 2021 and 2024). False: it lists only newer
  // patches.
  bool upgrades_list_next_minor = false;
  bool upgrade_replaces_nodes = true;  // an upgrade replaces all nodes when it ends
};

// How often requests fail at random: probabilities in [0, 1] whose sum is at most 1. Failures
// strike after authentication and rate limits, whatever the request is.
struct Chances {
  double fail_before = 0;  // 500, and the request is not executed
  double fail_after = 0;   // 500, and the request is executed
  double cut_after = 0;    // no answer, and the request is executed
};

struct CloudOptions {
  std::vector<AccountOptions> accounts;
  Catalog catalog = DefaultCatalog();
  Durations durations;
  RateLimitOptions rate_limit;
  Behaviour behaviour;
  Chances chances;
  // The base of the clusters' Kubernetes endpoints: "http://127.0.0.1:8081" gives
  // .../simulated-clusters/ID. Empty: the authority in the client's own request.
  std::string endpoint_base;
  // Written to kubeconfigs when the endpoint uses TLS; empty: none.
  std::string endpoint_ca_pem;
};

}  // namespace capstan::simulated_digitalocean
