#include <capstan/core/json/json_writer.hpp>
#include <capstan/local/digitalocean/json/fields.hpp>
#include <capstan/local/digitalocean/world/persist.hpp>

namespace capstan::simulated_digitalocean {

using json::JsonWriter;
namespace {

std::int64_t Nanoseconds(WallTime time) { return time == kNever ? -1 : time.time_since_epoch().count(); }

WallTime ReadTime(const Fields& fields, std::string_view name) {
  const std::int64_t count = fields.Integer(name).value_or(-1);
  return count < 0 ? kNever : WallTime(Duration(count));
}

std::string Text(const Fields& fields, std::string_view name) { return fields.String(name).value_or(""); }
bool Flag(const Fields& fields, std::string_view name) { return fields.Boolean(name).value_or(false); }
std::vector<std::string> Texts(const Fields& fields, std::string_view name) {
  return fields.Strings(name).value_or(std::vector<std::string>());
}
std::vector<Fields> Parts(const Fields& fields, std::string_view name) {
  return fields.Objects(name).value_or(std::vector<Fields>());
}

void Write(JsonWriter& out, const Node& node) {
  out.BeginObject()
      .Field("id", node.id)
      .Field("name", node.name)
      .Field("droplet_id", node.droplet_id)
      .Field("state", NodeStateName(node.state))
      .Field("created", Nanoseconds(node.created))
      .Field("updated", Nanoseconds(node.updated))
      .Field("due", Nanoseconds(node.due));
  if (!node.former_labels.empty()) out.Field("former_labels", node.former_labels);
  out.EndObject();
}

Node ReadNode(const Fields& fields) {
  Node node;
  node.id = Text(fields, "id");
  node.name = Text(fields, "name");
  node.droplet_id = Text(fields, "droplet_id");
  node.state = NodeStateByName(Text(fields, "state")).value_or(NodeState::kRunning);
  node.created = ReadTime(fields, "created");
  node.updated = ReadTime(fields, "updated");
  node.due = ReadTime(fields, "due");
  node.former_labels = fields.StringMap("former_labels").value_or(node.former_labels);
  return node;
}

void Write(JsonWriter& out, const NodePool& pool) {
  out.BeginObject()
      .Field("id", pool.id)
      .Field("name", pool.name)
      .Field("size", pool.size)
      .Field("count", pool.count);
  out.Field("tags", pool.tags).Field("auto_scale", pool.auto_scale).Field("min_nodes", pool.min_nodes);
  out.Field("max_nodes", pool.max_nodes).Field("gpu_partition_mode", pool.gpu_partition_mode);
  out.Field("deleting", pool.deleting);
  if (pool.labels) out.Field("labels", *pool.labels);
  WriteTaints(out, pool.taints);
  out.Key("nodes").BeginArray();
  for (const Node& node : pool.nodes) Write(out, node);
  out.EndArray().EndObject();
}

NodePool ReadPool(const Fields& fields) {
  NodePool pool;
  pool.id = Text(fields, "id");
  pool.name = Text(fields, "name");
  pool.size = Text(fields, "size");
  pool.count = fields.Integer("count").value_or(0);
  pool.tags = Texts(fields, "tags");
  pool.labels = fields.StringMap("labels");
  pool.auto_scale = Flag(fields, "auto_scale");
  pool.min_nodes = fields.Integer("min_nodes").value_or(0);
  pool.max_nodes = fields.Integer("max_nodes").value_or(0);
  pool.gpu_partition_mode = Text(fields, "gpu_partition_mode");
  pool.deleting = Flag(fields, "deleting");
  for (const Fields& taint : Parts(fields, "taints"))
    pool.taints.push_back({Text(taint, "key"), Text(taint, "value"), Text(taint, "effect")});
  for (const Fields& node : Parts(fields, "nodes")) pool.nodes.push_back(ReadNode(node));
  return pool;
}

void WriteSettings(JsonWriter& out, const Cluster& cluster) {
  out.Field("start_time", cluster.maintenance.start_time).Field("day", cluster.maintenance.day);
  out.Field("auto_upgrade", cluster.auto_upgrade)
      .Field("surge_upgrade", cluster.surge_upgrade)
      .Field("ha", cluster.ha);
  out.Field("isolated_workers", cluster.isolated_workers).Field("firewall_enabled", cluster.firewall.enabled);
  out.Field("firewall_addresses", cluster.firewall.allowed_addresses);
  if (const auto& autoscaler = cluster.autoscaler) {
    out.Key("autoscaler").BeginObject().Field("expanders", autoscaler->expanders);
    if (autoscaler->threshold) out.Field("threshold", *autoscaler->threshold);
    if (autoscaler->unneeded_time) out.Field("unneeded_time", *autoscaler->unneeded_time);
    out.EndObject();
  }
  if (cluster.sso)
    out.Key("sso")
        .BeginObject()
        .Field("enabled", cluster.sso->enabled)
        .Field("required", cluster.sso->required)
        .Field("issuer_url", cluster.sso->issuer_url)
        .Field("client_id", cluster.sso->client_id)
        .EndObject();
  std::vector<std::string> on, off;
  for (const auto& [plugin, enabled] : cluster.plugins) (enabled ? on : off).push_back(plugin);
  out.Field("plugins_on", on).Field("plugins_off", off);
  out.Field("registries", cluster.registries).Field("registry_enabled", cluster.registry_enabled);
}

void ReadSettings(const Fields& fields, Cluster& cluster) {
  cluster.maintenance = {Text(fields, "start_time"), Text(fields, "day")};
  cluster.auto_upgrade = Flag(fields, "auto_upgrade");
  cluster.surge_upgrade = Flag(fields, "surge_upgrade");
  cluster.ha = Flag(fields, "ha");
  cluster.isolated_workers = Flag(fields, "isolated_workers");
  cluster.firewall = {Flag(fields, "firewall_enabled"), Texts(fields, "firewall_addresses")};
  if (auto block = fields.Object("autoscaler"))
    cluster.autoscaler = AutoscalerConfiguration{block->Number("threshold"), block->String("unneeded_time"),
                                                 Texts(*block, "expanders")};
  if (auto block = fields.Object("sso"))
    cluster.sso = Sso{Flag(*block, "enabled"), Flag(*block, "required"), Text(*block, "issuer_url"),
                      Text(*block, "client_id")};
  for (const std::string& plugin : Texts(fields, "plugins_on")) cluster.plugins[plugin] = true;
  for (const std::string& plugin : Texts(fields, "plugins_off")) cluster.plugins[plugin] = false;
  cluster.registries = Texts(fields, "registries");
  cluster.registry_enabled = Flag(fields, "registry_enabled");
}

void WriteState(JsonWriter& out, const Cluster& cluster) {
  out.Field("state", ClusterStateName(cluster.state))
      .Field("message", cluster.message)
      .Field("ipv4", cluster.ipv4);
  out.Field("created", Nanoseconds(cluster.created)).Field("updated", Nanoseconds(cluster.updated));
  out.Field("due", Nanoseconds(cluster.due)).Field("failure", cluster.failure);
  out.Field("upgrade_target", cluster.upgrade_target);
  out.Field("deletion_started", Nanoseconds(cluster.deletion_started)).Field("hidden", cluster.hidden);
  out.Field("associated_too", cluster.associated_too).Field("doomed", cluster.doomed);
  out.Key("associated").BeginArray();
  for (const Associated& resource : cluster.associated)
    out.BeginObject()
        .Field("kind", resource.kind)
        .Field("id", resource.id)
        .Field("name", resource.name)
        .EndObject();
  out.EndArray().Key("messages").BeginArray();
  for (const StatusMessage& message : cluster.messages)
    out.BeginObject().Field("message", message.message).Field("time", Nanoseconds(message.time)).EndObject();
  out.EndArray().Key("lint_runs").BeginArray();
  for (const LintRun& run : cluster.lint_runs)
    out.BeginObject()
        .Field("id", run.id)
        .Field("requested", Nanoseconds(run.requested))
        .Field("completed", Nanoseconds(run.completed))
        .Field("exclude_checks", run.exclude_checks)
        .EndObject();
  out.EndArray().Key("access_tokens").BeginArray();
  for (const AccessToken& token : cluster.access_tokens)
    out.BeginObject().Field("token", token.token).Field("expires", Nanoseconds(token.expires)).EndObject();
  out.EndArray();
}

void ReadState(const Fields& fields, Cluster& cluster) {
  cluster.state = ClusterStateByName(Text(fields, "state")).value_or(ClusterState::kError);
  cluster.message = Text(fields, "message");
  cluster.ipv4 = Text(fields, "ipv4");
  cluster.created = ReadTime(fields, "created");
  cluster.updated = ReadTime(fields, "updated");
  cluster.due = ReadTime(fields, "due");
  cluster.failure = Text(fields, "failure");
  cluster.upgrade_target = Text(fields, "upgrade_target");
  cluster.deletion_started = ReadTime(fields, "deletion_started");
  cluster.hidden = Flag(fields, "hidden");
  cluster.associated_too = Flag(fields, "associated_too");
  cluster.doomed = Texts(fields, "doomed");
  for (const Fields& resource : Parts(fields, "associated"))
    cluster.associated.push_back({Text(resource, "kind"), Text(resource, "id"), Text(resource, "name")});
  for (const Fields& message : Parts(fields, "messages"))
    cluster.messages.push_back({Text(message, "message"), ReadTime(message, "time")});
  for (const Fields& run : Parts(fields, "lint_runs"))
    cluster.lint_runs.push_back({Text(run, "id"), ReadTime(run, "requested"), ReadTime(run, "completed"),
                                 Texts(run, "exclude_checks")});
  for (const Fields& token : Parts(fields, "access_tokens"))
    cluster.access_tokens.push_back({Text(token, "token"), ReadTime(token, "expires")});
}

}  // namespace

std::string ToDocument(const Cluster& cluster) {
  JsonWriter out;
  out.BeginObject()
      .Field("sequence", static_cast<std::int64_t>(cluster.sequence))
      .Field("account", cluster.account)
      .Field("id", cluster.id)
      .Field("name", cluster.name)
      .Field("region", cluster.region)
      .Field("version", cluster.version)
      .Field("vpc_uuid", cluster.vpc_uuid)
      .Field("worker_subnet_uuid", cluster.worker_subnet_uuid)
      .Field("cluster_subnet", cluster.cluster_subnet)
      .Field("service_subnet", cluster.service_subnet)
      .Field("tags", cluster.tags);
  WriteSettings(out, cluster);
  WriteState(out, cluster);
  out.Key("pools").BeginArray();
  for (const NodePool& pool : cluster.pools) Write(out, pool);
  out.EndArray().EndObject();
  return out.Take();
}

std::optional<Cluster> ClusterFromDocument(const std::string& document) {
  const auto fields = Fields::Parse(document);
  if (!fields || Text(*fields, "id").empty()) return std::nullopt;
  Cluster cluster;
  cluster.sequence = static_cast<std::uint64_t>(fields->Integer("sequence").value_or(0));
  cluster.account = Text(*fields, "account");
  cluster.id = Text(*fields, "id");
  cluster.name = Text(*fields, "name");
  cluster.region = Text(*fields, "region");
  cluster.version = Text(*fields, "version");
  cluster.vpc_uuid = Text(*fields, "vpc_uuid");
  cluster.worker_subnet_uuid = Text(*fields, "worker_subnet_uuid");
  cluster.cluster_subnet = Text(*fields, "cluster_subnet");
  cluster.service_subnet = Text(*fields, "service_subnet");
  cluster.tags = Texts(*fields, "tags");
  ReadSettings(*fields, cluster);
  ReadState(*fields, cluster);
  for (const Fields& pool : Parts(*fields, "pools")) cluster.pools.push_back(ReadPool(pool));
  if (!fields->Problem().empty()) return std::nullopt;
  return cluster;
}

std::string ToDocument(const Vpc& vpc) {
  JsonWriter out;
  out.BeginObject()
      .Field("id", vpc.id)
      .Field("account", vpc.account)
      .Field("name", vpc.name)
      .Field("region", vpc.region)
      .Field("ip_range", vpc.ip_range)
      .Field("is_default", vpc.is_default)
      .Field("nat_gateway", vpc.nat_gateway)
      .Field("created", Nanoseconds(vpc.created))
      .EndObject();
  return out.Take();
}

std::optional<Vpc> VpcFromDocument(const std::string& document) {
  const auto fields = Fields::Parse(document);
  if (!fields || Text(*fields, "id").empty()) return std::nullopt;
  Vpc vpc;
  vpc.id = Text(*fields, "id");
  vpc.account = Text(*fields, "account");
  vpc.name = Text(*fields, "name");
  vpc.region = Text(*fields, "region");
  vpc.ip_range = Text(*fields, "ip_range");
  vpc.is_default = Flag(*fields, "is_default");
  vpc.nat_gateway = Flag(*fields, "nat_gateway");
  vpc.created = ReadTime(*fields, "created");
  if (!fields->Problem().empty()) return std::nullopt;
  return vpc;
}

}  // namespace capstan::simulated_digitalocean
