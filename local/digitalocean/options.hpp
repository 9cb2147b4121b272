// What a SimulatedCloud is like: its accounts, its catalog, how long things take, and how it
// answers where nobody outside DigitalOcean knows the answer. Values; thread-safety of values.
//
// Three kinds of fields. Those marked "documented" follow DigitalOcean's OpenAPI text or what its
// clients rely on. Those marked "seen" follow a public report. Those marked CHOICE answer a
// question that no source at hand answers: they are a switch so that a client can be tried both
// ways, and their default says nothing about the real service.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::simulated_digitalocean {

// One bearer token. Without scopes it may do everything; with scopes only what they name
// ("kubernetes:read", ...).
struct TokenOptions {
  Secret token;
  std::vector<std::string> scopes;
};
// What a read-only token may do; add "account:read" where it may also ask who it is.
std::vector<std::string> ReadOnlyScopes();
// Everything about clusters, but nothing about the account: GET /v2/account answers 403.
std::vector<std::string> ScopesWithoutAccount();

struct AccountOptions {
  std::string uuid = "b6fc48dbf6d9906cace5f3c78dc9851e757381ef";  // documented form: no dashes
  std::string email = "captain@example.com";
  std::string name = "Captain Example";
  std::string team_uuid;  // empty: the account has no team
  std::string team_name = "Example Team";
  std::string status = "active";  // active, warning or locked; a locked account gets 403 (CHOICE)
  int droplet_limit = 25;         // nodes of all its clusters together; above it 422 (seen)
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
  bool kubernetes = true;  // whether /v2/kubernetes/options has it
  bool available = true;
};
struct SizeOptions {
  std::string slug;
  std::string name;  // as /v2/kubernetes/options names it; empty: the slug
  int memory_mb = 2048;
  int vcpus = 1;
  int disk_gb = 50;
  double price_monthly = 12;  // US dollars; the hourly price is a 672nd of it
  std::string gpu_model;      // "nvidia_h100", "amd_mi300x"; empty: no GPU
  int gpu_count = 0;
  bool kubernetes = true;  // false: a Droplet size that clusters refuse (seen)
};
struct Catalog {
  std::vector<VersionOptions> versions;  // newest first, which clients rely on
  std::vector<RegionOptions> regions;
  std::vector<SizeOptions> sizes;
};
// Four minors with two patches each, a dozen regions, some thirty sizes. Prices have the order of
// magnitude of published ones; nobody should quote them.
Catalog DefaultCatalog();

// How long each state lasts. DigitalOcean documents none of it; reports speak of about five minutes
// for a cluster.
struct Durations {
  Duration provisioning = std::chrono::minutes(4);  // a new cluster until running; its nodes run by then
  Duration upgrade = std::chrono::minutes(8);
  Duration deletion = std::chrono::seconds(30);  // from the 204 until its Droplets are gone
  Duration node_provisioning = std::chrono::seconds(90);
  Duration node_drain = std::chrono::seconds(20);
  Duration node_deletion = std::chrono::seconds(10);
  Duration clusterlint = std::chrono::seconds(5);
};

struct RateLimitOptions {
  int per_hour = 5000;   // documented; per token, a sliding hour. 0: no limit
  int per_minute = 250;  // documented; above it 429 with retry-after. 0: no limit
};

enum class ListOrder { kOldestFirst, kNewestFirst, kShuffled };  // kShuffled: another order for each request
enum class ZeroCount {
  kRefused,
  kServerError,
  kAllowed
};                                           // 422 (CHOICE), 500 (seen 2019), allowed (documentation page)
enum class ForeignVpc { kHangs, kRefused };  // hangs in provisioning (seen 2020), 422 (CHOICE)

// The questions without an answer, and a few with contradicting ones. All are CHOICEs unless
// marked.
struct Behaviour {
  // A new cluster appears in the list only so much later; GET by id shows it at once.
  Duration list_lag = Duration::zero();
  // A deleted cluster is still listed for so long after GET stopped showing it.
  Duration list_keeps_deleted = Duration::zero();
  ListOrder list_order = ListOrder::kOldestFirst;
  bool links_repeat_per_page = true;  // whether the URLs of `links` carry per_page
  int bad_page_status = 0;            // page or per_page out of range: 0 clamps, else this status

  // After DELETE: true shows `deleting` by GET and list until it is gone; false answers 404 at once
  // (the Droplets run on). DigitalOcean's own Go client cannot decode `deleting`: switch it off for
  // such clients.
  bool show_deleting = true;
  // A removed pool stays visible until its last node is gone (clients poll for its 404).
  bool show_deleting_pools = true;
  // A second cluster of one name is refused (seen 2022; status and wording are ours: 422).
  bool unique_names = true;
  bool deleting_holds_name = true;  // with unique_names: the name is taken until the old cluster is gone

  // min_nodes 0: 422 (seen 2021, 2024), or allowed (documentation page 2025).
  bool allow_zero_min_nodes = false;
  ZeroCount zero_count = ZeroCount::kRefused;
  bool allow_no_pools = false;  // removing the last pool: false 422
  int status_while_busy = 0;    // changes while provisioning or upgrading: 0 accepts, else 409, 412 or 422
  int status_while_deleting = 422;  // changes while `deleting` shows

  int bad_uuid_status = 404;     // an id in a path that is no UUID
  int fixed_fields_status = 0;   // PUT names a fixed field: 0 ignores it, else 422
  bool empty_tags_clear = true;  // PUT {"tags": []} removes the user's tags, or changes nothing
  // One of cluster_subnet and service_subnet alone: 422, or the default for the other.
  bool require_both_subnets = true;
  ForeignVpc foreign_vpc = ForeignVpc::kHangs;
  int missing_registry_status = 422;  // registry calls of an account without that registry
  // Selective deletion names an id that is not the cluster's: 0 ignores it.
  int foreign_associated_status = 0;
  bool strict_names = false;  // cluster and pool names must be DNS labels, or may be any text up to 255 bytes
  bool tells_transitions = true;  // status_messages tell of states and pools; the wording is ours
  // From an older patch /upgrades names the next minor too, which POST then refuses: "invalid
  // upgrade path" (that refusal was seen 2021 and 2024). False: it names the newer patches only.
  bool upgrades_list_next_minor = false;
  bool upgrade_replaces_nodes = true;  // at the end of an upgrade all nodes are new ones
};

// How often requests go wrong by themselves, each a share of them in [0, 1], together at most 1.
// They strike after authentication and rate limits, whatever the request is.
struct Chances {
  double fail_before = 0;  // 500, and nothing is done
  double fail_after = 0;   // 500, and it is done
  double cut_after = 0;    // the connection is cut without an answer, and it is done
};

struct CloudOptions {
  std::vector<AccountOptions> accounts;
  Catalog catalog = DefaultCatalog();
  Durations durations;
  RateLimitOptions rate_limit;
  Behaviour behaviour;
  Chances chances;
  // Where the clusters' Kubernetes endpoints are: "http://127.0.0.1:8081" gives
  // .../simulated-clusters/ID. Empty: the authority that the client itself named in its request.
  std::string endpoint_base;
  // Put into kubeconfigs where the endpoint is served with TLS; empty: none.
  std::string endpoint_ca_pem;
};

}  // namespace capstan::simulated_digitalocean
