#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/render.hpp>
#include <capstan/local/digitalocean/api/spec.hpp>

namespace capstan::simulated_digitalocean {
namespace {

Answer ShowPool(const Call& call, int status, const NodePool& pool) {
  JsonWriter out;
  out.BeginObject().Key("node_pool");
  RenderPool(out, *call.cluster, pool);
  out.EndObject();
  return Answer::Json(status, out.Take());
}

bool Shown(const Call& call, const NodePool& pool) {
  return !pool.deleting || call.world.options.behaviour.show_deleting_pools;
}

// The documentation requires a worker node in the cluster; Behaviour says whether that is enforced.
Check CheckSomethingStays(const Call& call, std::int64_t nodes_that_go, const NodePool* pool_that_goes) {
  if (call.world.options.behaviour.allow_no_pools) return {};
  std::int64_t pools = 0, nodes = -nodes_that_go;
  for (const NodePool& pool : call.cluster->pools) {
    if (pool.deleting || &pool == pool_that_goes) continue;
    ++pools;
    nodes += pool.count;
  }
  if (pools == 0) return Invalid("a cluster needs at least one node pool");
  if (nodes_that_go > 0 && nodes <= 0) return Invalid("a cluster needs at least one worker node");
  return {};
}

Node* FindNode(NodePool& pool, const std::string& id) {
  for (Node& node : pool.nodes)
    if (node.id == id) return &node;
  return nullptr;
}

}  // namespace

Answer ListPools(Call& call) {
  JsonWriter out;
  out.BeginObject().Key("node_pools").BeginArray();
  for (const NodePool& pool : call.cluster->pools)
    if (Shown(call, pool)) RenderPool(out, *call.cluster, pool);
  out.EndArray().EndObject();
  return Answer::Json(200, out.Take());
}

Answer CreatePool(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  CAPSTAN_CHECKED(call.RequireChangeable());
  CAPSTAN_UNLESS_REFUSED(NodePool pool, ReadPool(call, fields, "worker_node_pool_spec."));
  for (const NodePool& other : call.cluster->pools)
    if (other.name == pool.name) return Invalid("a node pool named " + pool.name + " already exists");
  CAPSTAN_CHECKED(CheckDropletLimit(call, {&pool}, 0));
  call.Changing(*call.cluster);
  const NodePool& added = call.world.AddPool(*call.cluster, std::move(pool), call.now);
  call.effect->object = added.id;
  call.world.AddTransitionMessage(*call.cluster, "Node pool " + added.name + " is being added", call.now);
  return ShowPool(call, 201, added);
}

Answer GetPool(Call& call) { return ShowPool(call, 200, *call.pool); }

Answer UpdatePool(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  CAPSTAN_CHECKED(call.RequireChangeable());
  if (call.pool->deleting)
    return Refuse(call.world.options.behaviour.status_while_deleting, "the node pool is being deleted");
  CAPSTAN_UNLESS_REFUSED(NodePool changed, ReadPoolUpdate(call, fields, *call.pool));
  if (changed.count > call.pool->count || changed.max_nodes > call.pool->max_nodes)
    CAPSTAN_CHECKED(CheckDropletLimit(call, {&changed}, call.pool->count));
  call.Changing(*call.cluster, call.pool->id);
  const std::int64_t count = changed.count;
  changed.count = call.pool->count;
  auto labels = std::exchange(changed.labels, call.pool->labels);
  *call.pool = std::move(changed);
  call.world.Relabel(*call.pool, std::move(labels));
  call.world.Scale(*call.cluster, *call.pool, count, call.now);
  return ShowPool(call, 202, *call.pool);
}

Answer DeletePool(Call& call) {
  CAPSTAN_CHECKED(call.RequireChangeable());
  if (call.pool->deleting) return Answer::Empty(204);
  CAPSTAN_CHECKED(CheckSomethingStays(call, 0, call.pool));
  call.Changing(*call.cluster, call.pool->id);
  call.world.DeletePool(*call.cluster, *call.pool, call.now);
  return Answer::Empty(204);
}

Answer DeleteNode(Call& call) {
  CAPSTAN_CHECKED(call.RequireChangeable());
  Node* node = FindNode(*call.pool, call.last);
  if (!node) return Refuse(404, "node not found");
  const bool replace = call.Query("replace") == "1", skip_drain = call.Query("skip_drain") == "1";
  if (!replace) CAPSTAN_CHECKED(CheckSomethingStays(call, 1, nullptr));
  call.Changing(*call.cluster, node->id);
  call.world.RemoveNode(*call.cluster, *call.pool, *node, skip_drain, replace, call.now);
  return Answer::Empty(202);
}

Answer RecyclePool(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  CAPSTAN_CHECKED(call.RequireChangeable());
  const auto ids = fields.Strings("nodes").value_or(std::vector<std::string>());
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  for (const std::string& id : ids)
    if (!FindNode(*call.pool, id)) return Refuse(404, "node not found");
  if (!ids.empty()) call.Changing(*call.cluster, call.pool->id);
  for (const std::string& id : ids)
    call.world.RemoveNode(*call.cluster, *call.pool, *FindNode(*call.pool, id), false, true, call.now);
  return Answer::Empty(202);
}

Answer GetPoolTemplate(Call& call) {
  const NodePool* pool = nullptr;
  for (const NodePool& candidate : call.cluster->pools)
    if (candidate.name == call.last && Shown(call, candidate)) pool = &candidate;
  if (!pool) return Refuse(404, "node pool not found");
  const SizeOptions* size = call.world.Size(pool->size);
  const int vcpus = size ? size->vcpus : 1, memory_mb = size ? size->memory_mb : 2048;
  JsonWriter out;
  auto resources = [&](const char* key, int cpu_milli, int memory) {
    out.Key(key).BeginObject().Field("cpu", vcpus).Field("cpu_milli_cores", cpu_milli);
    out.Field("memory", StrCat(memory, "Mi")).Field("pods", 110).EndObject();
  };
  out.BeginObject().Key("template").BeginObject();
  out.Field("cluster_uuid", call.cluster->id).Field("name", pool->name).Field("slug", pool->size);
  out.Key("labels").BeginObject();
  if (pool->labels)
    for (const auto& [key, value] : *pool->labels) out.Field(key, value);
  out.EndObject().Key("taints").BeginArray();
  for (const Taint& taint : pool->taints) out.String(StrCat(taint.key, "=", taint.value, ":", taint.effect));
  out.EndArray();
  resources("capacity", vcpus * 1000, memory_mb);
  // The resources reserved for the system are an estimate.
  resources("allocatable", vcpus * 1000 - 100, memory_mb - 512);
  if (size && !size->gpu_model.empty())
    out.Key("gpu")
        .BeginObject()
        .Field("vendor", size->gpu_model.substr(0, size->gpu_model.find('_')))
        .Field("model", size->gpu_model)
        .Field("count", size->gpu_count)
        .EndObject();
  out.EndObject().EndObject();
  return Answer::Json(200, out.Take());
}

}  // namespace capstan::simulated_digitalocean
