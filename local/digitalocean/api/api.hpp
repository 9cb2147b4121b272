// Private: a request on its way through the simulated API, its answer, and the endpoints. Guarded
// by the lock of SimulatedCloud.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/http/message.hpp>
#include <capstan/core/json/json_writer.hpp>
#include <capstan/local/digitalocean/json/fields.hpp>
#include <capstan/local/digitalocean/world/world.hpp>

namespace capstan::simulated_digitalocean {

using json::JsonWriter;

// An error answer without its request id.
struct Refusal {
  int status = 422;
  std::string id;       // empty: the default of the status
  std::string message;  // empty: the default of the status
  std::optional<Duration> retry_after;
};
template <class T>
using Checked = tl::expected<T, Refusal>;
using Check = tl::expected<void, Refusal>;
using Refused = tl::unexpected<Refusal>;

struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json; charset=utf-8";
  std::optional<Refusal> refusal;  // replaces all of the above

  Answer() = default;
  Answer(const Refused& refused) : status(refused.value().status), refusal(refused.value()) {}
  static Answer Json(int status, std::string body);
  static Answer Yaml(int status, std::string body);
  static Answer Empty(int status);
};

Refused Refuse(int status, std::string message = "");
// Returns the refusal of `expression` from the calling function, or assigns its value to
// `declaration`.
#define CAPSTAN_UNLESS_REFUSED(declaration, expression) \
  CAPSTAN_UNLESS_REFUSED_INNER(CAPSTAN_CONCAT(capstan_checked_, __LINE__), declaration, expression)
#define CAPSTAN_UNLESS_REFUSED_INNER(checked, declaration, expression)              \
  auto checked = (expression);                                                      \
  if (!checked) return ::capstan::simulated_digitalocean::Refused(checked.error()); \
  declaration = std::move(checked).value()
#define CAPSTAN_CHECKED(expression)                      \
  if (auto capstan_check = (expression); !capstan_check) \
  return ::capstan::simulated_digitalocean::Refused(capstan_check.error())

// 422 with "validation error: " before the message, as the service words it.
Refused Invalid(std::string message);
std::string UsualId(int status);
std::string UsualMessage(int status);

struct Call {
  World& world;
  const http::Request& request;
  WallTime now;
  const AccountOptions& account;
  const std::vector<std::string>& scopes;  // empty: all scopes
  std::string base;                        // scheme and authority of the API as the client sees it
  std::vector<std::pair<std::string, std::string>> query;
  Cluster* cluster = nullptr;          // of {cluster_id} in the path: visible, and the caller's own
  NodePool* pool = nullptr;            // of {node_pool_id} in the path
  std::string last;                    // any other path parameter: {node_id}, {pool_name}, {vpc_id}
  std::optional<JournalEntry> effect;  // set by an endpoint before it changes something

  std::optional<std::string> Query(std::string_view name) const;
  std::string Endpoint(const Cluster& of) const;  // the URL of a cluster's Kubernetes endpoint
  bool Allowed(std::string_view scope) const;
  // 403 unless the token has the scope.
  Check Require(std::string_view scope) const;
  Checked<Fields> Body() const;
  // Refuses while the cluster is being deleted, or is busy and Behaviour refuses changes then.
  Check RequireChangeable() const;
  void Changing(const Cluster& of, std::string object = "");
};

using Endpoint = Answer (*)(Call&);

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/v2/kubernetes/clusters/{cluster_id}"
  std::vector<std::string_view> scopes;
  Endpoint endpoint;
};
const std::vector<Route>& Routes();

// clusters.cpp
Answer ListClusters(Call& call);
Answer CreateCluster(Call& call);
Answer GetCluster(Call& call);
Answer UpdateCluster(Call& call);
Answer DeleteCluster(Call& call);
// upgrades.cpp
Answer GetUpgrades(Call& call);
Answer Upgrade(Call& call);
// access.cpp
Answer GetKubeconfig(Call& call);
Answer GetCredentials(Call& call);
Answer GetUser(Call& call);
// node_pools.cpp
Answer ListPools(Call& call);
Answer CreatePool(Call& call);
Answer GetPool(Call& call);
Answer UpdatePool(Call& call);
Answer DeletePool(Call& call);
Answer DeleteNode(Call& call);
Answer RecyclePool(Call& call);
Answer GetPoolTemplate(Call& call);
// associated.cpp
Answer ListAssociated(Call& call);
Answer DeleteSelective(Call& call);
Answer DeleteDangerous(Call& call);
// extras.cpp
Answer RunClusterlint(Call& call);
Answer GetClusterlint(Call& call);
Answer GetStatusMessages(Call& call);
Answer AddRegistry(Call& call);
Answer RemoveRegistry(Call& call);
Answer AddRegistries(Call& call);
Answer RemoveRegistries(Call& call);
// account.cpp
Answer GetAccount(Call& call);
Answer ListVpcs(Call& call);
Answer GetVpc(Call& call);
Answer ListRegions(Call& call);
Answer ListSizes(Call& call);
Answer ListTags(Call& call);
Answer GetOptions(Call& call);

// pages.cpp: one page of the `total` items under `key`, with links and meta; `item` renders the
// i-th item.
Answer Paginate(const Call& call, std::string_view key, std::size_t total,
                const std::function<void(JsonWriter&, std::size_t)>& item);

// kubernetes_endpoint.cpp: answers a request below /simulated-clusters/.
http::Response AnswerAsKubernetes(World& world, const http::Request& request, WallTime now);

}  // namespace capstan::simulated_digitalocean
