#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/fields.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

bool StartsWith(std::string_view tag, std::string_view prefix) {
  return EqualsIgnoreCase(tag.substr(0, prefix.size()), prefix);
}

}  // namespace

std::int64_t NodePool::ready_nodes() const {
  return std::count_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.state == "running"; });
}

bool NodePool::settled() const {
  return ready_nodes() == count && static_cast<std::int64_t>(nodes.size()) == count;
}

bool NodePool::leaving() const {
  return !nodes.empty() && std::all_of(nodes.begin(), nodes.end(), [](const Node& node) {
    return node.state == "draining" || node.state == "deleting";
  });
}

Result<NodePool> ParsePool(const json::ObjectPtr& object) {
  NodePool pool;
  pool.object = object;
  pool.id = json::TextIn(object, "id");
  pool.name = json::TextIn(object, "name");
  pool.size = json::TextIn(object, "size");
  pool.count = json::IntegerIn(object, "count").value_or(0);
  pool.tags = json::StringsIn(object, "tags");
  pool.auto_scale = json::BooleanIn(object, "auto_scale").value_or(false);
  pool.min_nodes = json::IntegerIn(object, "min_nodes").value_or(0);
  pool.max_nodes = json::IntegerIn(object, "max_nodes").value_or(0);
  pool.labels = LabelsIn(object);
  pool.taints = TaintsIn(object);
  pool.gpu_partition_mode = json::TextIn(object, "gpu_partition_mode");
  if (pool.id.empty() || pool.name.empty())
    return Fail(Code::kDataLoss, "a node pool in the answer has no id or no name");
  auto nodes = json::ArrayIn(object, "nodes");
  for (std::size_t i = 0; nodes && i < nodes->size(); ++i) {
    auto node = json::AsObject(nodes->get(static_cast<unsigned>(i)));
    pool.nodes.push_back(Node{json::TextIn(node, "id"), json::TextIn(node, "name"),
                              json::TextIn(json::ObjectIn(node, "status"), "state"),
                              json::TextIn(node, "droplet_id")});
  }
  return pool;
}

Result<Cluster> ParseCluster(const json::ObjectPtr& object) {
  Cluster cluster;
  cluster.object = object;
  cluster.id = json::TextIn(object, "id");
  cluster.name = json::TextIn(object, "name");
  cluster.region = json::TextIn(object, "region");
  cluster.version = json::TextIn(object, "version");
  cluster.endpoint = json::TextIn(object, "endpoint");
  cluster.created_at = json::TextIn(object, "created_at");
  cluster.tags = json::StringsIn(object, "tags");
  auto status = json::ObjectIn(object, "status");
  cluster.state = json::TextIn(status, "state");
  cluster.message = json::TextIn(status, "message");
  cluster.prices = PricesIn(object);
  cluster.versions = OfferedIn(object);
  if (cluster.id.empty() || cluster.name.empty())
    return Fail(Code::kDataLoss, "a cluster in the answer has no id or no name");
  auto pools = json::ArrayIn(object, "node_pools");
  for (std::size_t i = 0; pools && i < pools->size(); ++i) {
    CAPSTAN_TRY(NodePool pool, ParsePool(json::AsObject(pools->get(static_cast<unsigned>(i)))));
    cluster.pools.push_back(std::move(pool));
  }
  return cluster;
}

Result<Cluster> ParseCluster(const std::string& text) {
  CAPSTAN_TRY(json::ObjectPtr object, json::ParseObject(text));
  return ParseCluster(object);
}

std::string TagWith(const std::vector<std::string>& tags, const std::string& prefix) {
  for (const auto& tag : tags)
    if (StartsWith(tag, prefix)) return tag;
  return "";
}

bool HasTag(const std::vector<std::string>& tags, const std::string& tag) {
  return std::any_of(tags.begin(), tags.end(),
                     [&](const auto& candidate) { return EqualsIgnoreCase(candidate, tag); });
}

std::vector<std::string> WithTagsOf(const std::vector<std::string>& tags,
                                    const external::Identity& identity) {
  std::vector<std::string> all;
  for (const auto& tag : tags)
    if (!StartsWith(tag, kIdentityPrefix) && !StartsWith(tag, kOwnerPrefix)) all.push_back(tag);
  for (const auto& tag : {identity.tag, identity.owner})
    if (!tag.empty()) all.push_back(tag);
  return all;
}

bool IsAutomaticTag(const std::string& tag) {
  return EqualsIgnoreCase(tag, "k8s") || EqualsIgnoreCase(tag, "k8s-worker") || StartsWith(tag, "k8s:") ||
         StartsWith(tag, "terraform:");
}

bool IsOurTag(const std::string& tag) {
  return StartsWith(tag, kIdentityPrefix) || StartsWith(tag, kOwnerPrefix) || StartsWith(tag, kPoolTagPrefix);
}

}  // namespace capstan::digitalocean
