// Clusterlint, status messages and the integration of container registries.
#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/api.hpp>

namespace capstan::simulated_digitalocean {
namespace {

Check ChangeRegistries(Call& call, bool add, bool named) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  const auto clusters = fields.Strings("cluster_uuids").value_or(std::vector<std::string>());
  std::vector<std::string> registries = call.account.registries;
  if (named) registries = fields.Strings("registries").value_or(std::vector<std::string>());
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  const std::vector<std::string>& existing = call.account.registries;
  const bool known = std::all_of(registries.begin(), registries.end(), [&](const std::string& name) {
    return std::find(existing.begin(), existing.end(), name) != existing.end();
  });
  if (add && (registries.empty() || !known))
    return Refuse(call.world.options.behaviour.missing_registry_status,
                  "validation error: registry not found");
  std::vector<Cluster*> chosen;
  for (const std::string& id : clusters) {
    Cluster* cluster = call.world.FindCluster(id);
    if (!cluster || cluster->account != call.account.uuid || cluster->hidden)
      return Refuse(404, "cluster not found");
    chosen.push_back(cluster);
  }
  for (Cluster* cluster : chosen) {
    call.Changing(*cluster);
    for (const std::string& name : registries) {
      std::erase(cluster->registries, name);
      if (add) cluster->registries.push_back(name);
    }
    if (!add && !named) cluster->registries.clear();
    cluster->registry_enabled = !cluster->registries.empty();
    call.world.Touch(*cluster, call.now);
  }
  return {};
}

Answer Registries(Call& call, bool add, bool named) {
  CAPSTAN_CHECKED(ChangeRegistries(call, add, named));
  return Answer::Empty(204);
}

}  // namespace

Answer RunClusterlint(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  LintRun run;
  run.exclude_checks = fields.Strings("exclude_checks").value_or(std::vector<std::string>());
  for (const char* filter : {"include_groups", "include_checks", "exclude_groups"}) fields.Strings(filter);
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  run.id = call.world.random.Uuid();
  run.requested = call.now;
  run.completed = call.now + call.world.options.durations.clusterlint;
  constexpr std::size_t kKept = 100;
  auto& runs = call.cluster->lint_runs;
  if (runs.size() >= kKept) runs.erase(runs.begin());
  runs.push_back(run);
  JsonWriter out;
  out.BeginObject().Field("run_id", run.id).EndObject();
  return Answer::Json(202, out.Take());
}

Answer GetClusterlint(Call& call) {
  const std::string wanted = call.Query("run_id").value_or("");
  const LintRun* found = nullptr;  // without an id: the latest run
  for (const LintRun& run : call.cluster->lint_runs)
    if (wanted.empty() || run.id == wanted) found = &run;
  if (!found) return Refuse(404, "clusterlint run not found");
  JsonWriter out;
  out.BeginObject().Field("run_id", found->id).Field("requested_at", FormatRfc3339(found->requested));
  if (call.now >= found->completed) {
    out.Field("completed_at", FormatRfc3339(found->completed)).Key("diagnostics").BeginArray();
    const auto& skipped = found->exclude_checks;
    if (std::find(skipped.begin(), skipped.end(), "unused-config-map") == skipped.end()) {
      out.BeginObject().Field("check_name", "unused-config-map").Field("severity", "warning");
      out.Field("message", "Unused config map").Key("object").BeginObject();
      out.Field("name", "simulated")
          .Field("kind", "config map")
          .Field("namespace", "default")
          .EndObject()
          .EndObject();
    }
    out.EndArray();
  }
  out.EndObject();
  return Answer::Json(200, out.Take());
}

Answer GetStatusMessages(Call& call) {
  const auto text = call.Query("since");
  const std::optional<WallTime> since = text ? ParseRfc3339(*text) : std::nullopt;
  if (text && !since) return Invalid("since must be a time of RFC 3339");
  JsonWriter out;
  out.BeginObject().Key("messages").BeginArray();
  for (const StatusMessage& message : call.cluster->messages)
    if (!since || message.time >= *since)
      out.BeginObject()
          .Field("message", message.message)
          .Field("timestamp", FormatRfc3339(message.time))
          .EndObject();
  out.EndArray().EndObject();
  return Answer::Json(200, out.Take());
}

Answer AddRegistry(Call& call) { return Registries(call, true, false); }
Answer RemoveRegistry(Call& call) { return Registries(call, false, false); }
Answer AddRegistries(Call& call) { return Registries(call, true, true); }
Answer RemoveRegistries(Call& call) { return Registries(call, false, true); }

}  // namespace capstan::simulated_digitalocean
