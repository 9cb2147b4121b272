// Each field is named once, in the list of its struct: Saving writes it, Loading reads it.
#include <capstan/local/digitalocean/world/persist.hpp>

#include <utility>

#include <capstan/core/json/json_writer.hpp>
#include <capstan/local/digitalocean/json/fields.hpp>

namespace capstan::simulated_digitalocean {

using json::JsonWriter;
namespace {

class Saving {
 public:
  template <class T>
  using Of = const T;

  explicit Saving(JsonWriter& out) : out_(out) {}

  template <class T>
  void Field(const char* name, const T& value) {
    out_.Field(name, value);
  }
  template <class T>
  void Field(const char* name, const std::optional<T>& value) {
    if (value) out_.Field(name, *value);
  }
  void Field(const char* name, const std::map<std::string, std::string>& values) {
    if (!values.empty()) out_.Field(name, values);
  }
  void Field(const char* name, std::uint64_t value) { out_.Field(name, static_cast<std::int64_t>(value)); }
  void Field(const char* name, WallTime time) {  // nanoseconds since 1970; -1: never
    out_.Field(name, time == kNever ? std::int64_t{-1} : std::int64_t{time.time_since_epoch().count()});
  }
  void State(const char* name, NodeState state, NodeState) { out_.Field(name, NodeStateName(state)); }
  void State(const char* name, ClusterState state, ClusterState) {
    out_.Field(name, ClusterStateName(state));
  }
  void Switches(const char* on, const char* off, const std::map<std::string, bool>& switches) {
    std::vector<std::string> of[2];
    for (const auto& [name, is_on] : switches) of[is_on ? 1 : 0].push_back(name);
    out_.Field(on, of[1]).Field(off, of[0]);
  }
  template <class T>
  void Block(const char* name, const std::optional<T>& block) {
    if (!block) return;
    out_.Key(name);
    Document(*block);
  }
  template <class T>
  void List(const char* name, const std::vector<T>& items) {
    out_.Key(name).BeginArray();
    for (const T& item : items) Document(item);
    out_.EndArray();
  }
  template <class T>
  void Document(const T& value) {
    out_.BeginObject();
    FieldsOf(*this, value);
    out_.EndObject();
  }

 private:
  JsonWriter& out_;
};

// A missing field, as in a document of an earlier version, keeps the default of a new value.
class Loading {
 public:
  template <class T>
  using Of = T;

  explicit Loading(const Fields& in) : in_(in) {}

  void Field(const char* name, std::string& value) { Take(in_.String(name), value); }
  void Field(const char* name, bool& value) { Take(in_.Boolean(name), value); }
  void Field(const char* name, std::int64_t& value) { Take(in_.Integer(name), value); }
  void Field(const char* name, std::uint64_t& value) {
    value = static_cast<std::uint64_t>(in_.Integer(name).value_or(0));
  }
  void Field(const char* name, WallTime& time) {
    const std::int64_t count = in_.Integer(name).value_or(-1);
    time = count < 0 ? kNever : WallTime(Duration(count));
  }
  void Field(const char* name, std::vector<std::string>& values) { Take(in_.Strings(name), values); }
  void Field(const char* name, std::map<std::string, std::string>& values) {
    Take(in_.StringMap(name), values);
  }
  void Field(const char* name, std::optional<std::map<std::string, std::string>>& values) {
    values = in_.StringMap(name);
  }
  void Field(const char* name, std::optional<std::string>& value) { value = in_.String(name); }
  void Field(const char* name, std::optional<double>& value) { value = in_.Number(name); }
  // `otherwise`: used for an unknown state.
  void State(const char* name, NodeState& state, NodeState otherwise) {
    state = NodeStateByName(in_.String(name).value_or("")).value_or(otherwise);
  }
  void State(const char* name, ClusterState& state, ClusterState otherwise) {
    state = ClusterStateByName(in_.String(name).value_or("")).value_or(otherwise);
  }
  void Switches(const char* on, const char* off, std::map<std::string, bool>& switches) {
    for (const auto& [field, is_on] : {std::pair{on, true}, {off, false}}) {
      for (const std::string& name : in_.Strings(field).value_or(std::vector<std::string>()))
        switches[name] = is_on;
    }
  }
  template <class T>
  void Block(const char* name, std::optional<T>& block) {
    const auto fields = in_.Object(name);
    if (!fields) return;
    Loading inner(*fields);
    FieldsOf(inner, block.emplace());
  }
  template <class T>
  void List(const char* name, std::vector<T>& items) {
    for (const Fields& fields : in_.Objects(name).value_or(std::vector<Fields>())) {
      Loading inner(fields);
      FieldsOf(inner, items.emplace_back());
    }
  }

 private:
  template <class T>
  static void Take(std::optional<T> found, T& value) {
    if (found) value = std::move(*found);
  }
  const Fields& in_;
};

template <class At, class T>
using In = typename At::template Of<T>;

template <class At>
void FieldsOf(At& at, In<At, Taint>& taint) {
  at.Field("key", taint.key);
  at.Field("value", taint.value);
  at.Field("effect", taint.effect);
}

template <class At>
void FieldsOf(At& at, In<At, Node>& node) {
  at.Field("id", node.id);
  at.Field("name", node.name);
  at.Field("droplet_id", node.droplet_id);
  at.State("state", node.state, NodeState::kRunning);
  at.Field("created", node.created);
  at.Field("updated", node.updated);
  at.Field("due", node.due);
  at.Field("former_labels", node.former_labels);
}

template <class At>
void FieldsOf(At& at, In<At, NodePool>& pool) {
  at.Field("id", pool.id);
  at.Field("name", pool.name);
  at.Field("size", pool.size);
  at.Field("count", pool.count);
  at.Field("tags", pool.tags);
  at.Field("auto_scale", pool.auto_scale);
  at.Field("min_nodes", pool.min_nodes);
  at.Field("max_nodes", pool.max_nodes);
  at.Field("gpu_partition_mode", pool.gpu_partition_mode);
  at.Field("deleting", pool.deleting);
  at.Field("labels", pool.labels);
  at.List("taints", pool.taints);
  at.List("nodes", pool.nodes);
}

template <class At>
void FieldsOf(At& at, In<At, AutoscalerConfiguration>& autoscaler) {
  at.Field("expanders", autoscaler.expanders);
  at.Field("threshold", autoscaler.threshold);
  at.Field("unneeded_time", autoscaler.unneeded_time);
}

template <class At>
void FieldsOf(At& at, In<At, Sso>& sso) {
  at.Field("enabled", sso.enabled);
  at.Field("required", sso.required);
  at.Field("issuer_url", sso.issuer_url);
  at.Field("client_id", sso.client_id);
}

template <class At>
void FieldsOf(At& at, In<At, Associated>& resource) {
  at.Field("kind", resource.kind);
  at.Field("id", resource.id);
  at.Field("name", resource.name);
}

template <class At>
void FieldsOf(At& at, In<At, StatusMessage>& message) {
  at.Field("message", message.message);
  at.Field("time", message.time);
}

template <class At>
void FieldsOf(At& at, In<At, LintRun>& run) {
  at.Field("id", run.id);
  at.Field("requested", run.requested);
  at.Field("completed", run.completed);
  at.Field("exclude_checks", run.exclude_checks);
}

template <class At>
void FieldsOf(At& at, In<At, AccessToken>& token) {
  at.Field("token", token.token);
  at.Field("expires", token.expires);
}

// The settings that the owner of a cluster chose.
template <class At>
void SettingsOf(At& at, In<At, Cluster>& cluster) {
  at.Field("start_time", cluster.maintenance.start_time);
  at.Field("day", cluster.maintenance.day);
  at.Field("auto_upgrade", cluster.auto_upgrade);
  at.Field("surge_upgrade", cluster.surge_upgrade);
  at.Field("ha", cluster.ha);
  at.Field("isolated_workers", cluster.isolated_workers);
  at.Field("firewall_enabled", cluster.firewall.enabled);
  at.Field("firewall_addresses", cluster.firewall.allowed_addresses);
  at.Block("autoscaler", cluster.autoscaler);
  at.Block("sso", cluster.sso);
  at.Switches("plugins_on", "plugins_off", cluster.plugins);
  at.Field("registries", cluster.registries);
  at.Field("registry_enabled", cluster.registry_enabled);
}

template <class At>
void FieldsOf(At& at, In<At, Cluster>& cluster) {
  at.Field("sequence", cluster.sequence);
  at.Field("account", cluster.account);
  at.Field("id", cluster.id);
  at.Field("name", cluster.name);
  at.Field("region", cluster.region);
  at.Field("version", cluster.version);
  at.Field("vpc_uuid", cluster.vpc_uuid);
  at.Field("worker_subnet_uuid", cluster.worker_subnet_uuid);
  at.Field("cluster_subnet", cluster.cluster_subnet);
  at.Field("service_subnet", cluster.service_subnet);
  at.Field("tags", cluster.tags);
  SettingsOf(at, cluster);
  at.State("state", cluster.state, ClusterState::kError);
  at.Field("message", cluster.message);
  at.Field("ipv4", cluster.ipv4);
  at.Field("created", cluster.created);
  at.Field("updated", cluster.updated);
  at.Field("due", cluster.due);
  at.Field("failure", cluster.failure);
  at.Field("upgrade_target", cluster.upgrade_target);
  at.Field("deletion_started", cluster.deletion_started);
  at.Field("hidden", cluster.hidden);
  at.Field("associated_too", cluster.associated_too);
  at.Field("doomed", cluster.doomed);
  at.List("associated", cluster.associated);
  at.List("messages", cluster.messages);
  at.List("lint_runs", cluster.lint_runs);
  at.List("access_tokens", cluster.access_tokens);
  at.List("pools", cluster.pools);
}

template <class At>
void FieldsOf(At& at, In<At, Vpc>& vpc) {
  at.Field("id", vpc.id);
  at.Field("account", vpc.account);
  at.Field("name", vpc.name);
  at.Field("region", vpc.region);
  at.Field("ip_range", vpc.ip_range);
  at.Field("is_default", vpc.is_default);
  at.Field("nat_gateway", vpc.nat_gateway);
  at.Field("created", vpc.created);
}

template <class T>
std::string Saved(const T& value) {
  JsonWriter out;
  Saving(out).Document(value);
  return out.Take();
}

template <class T>
std::optional<T> Loaded(const std::string& document) {
  const auto fields = Fields::Parse(document);
  if (!fields) return std::nullopt;
  T value;
  Loading at(*fields);
  FieldsOf(at, value);
  if (value.id.empty() || !fields->Problem().empty()) return std::nullopt;
  return value;
}

}  // namespace

std::string ToDocument(const Cluster& cluster) { return Saved(cluster); }
std::string ToDocument(const Vpc& vpc) { return Saved(vpc); }
std::optional<Cluster> ClusterFromDocument(const std::string& document) { return Loaded<Cluster>(document); }
std::optional<Vpc> VpcFromDocument(const std::string& document) { return Loaded<Vpc>(document); }

}  // namespace capstan::simulated_digitalocean
