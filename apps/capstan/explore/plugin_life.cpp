#include <atomic>
#include <utility>

#include <capstan/apps/capstan/explore/plugin_explorer.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/simulation/scenario_parts.hpp>

namespace capstan::app {
namespace {

using simulation::Invariants;
using simulation::World;

constexpr char kSecret[] = "explored-credentials";

// Adds the credentials field of the kind, such as "spec.tokenSecret".
std::string WithSecret(const std::string& spec, const external::KindInfo& kind) {
  const auto tree = json::ParseObject(StrCat("{", spec, "}"));
  const auto at = kind.credentials_field.find('.');
  if (!tree || at == std::string::npos) return spec;
  json::ObjectPtr inner = *tree;
  auto path = Split(kind.credentials_field.substr(at + 1), '.');
  for (; path.size() > 1; path.erase(path.begin())) {
    if (!json::ObjectIn(inner, path.front())) inner->set(path.front(), json::MakeObject());
    inner = json::ObjectIn(inner, path.front());
  }
  inner->set(path.front(), std::string(kSecret));
  const std::string text = json::ToText(*tree);
  return text.substr(1, text.size() - 2);
}

bool MakeCredentials(World& world, const ExploredPlugin& explored) {
  auto data = json::MakeObject();
  const bool named = explored.network != nullptr;
  for (const std::string& key : explored.kind.credential_keys) {
    const auto known = explored.credentials.data.find(key);
    const bool given = named && known != explored.credentials.data.end();
    data->set(key, Base64Encode(given ? std::string(known->second.Reveal()) : world.cloud->token(0)));
  }
  const auto made = world.admin().Create(kube::SecretKind(), "shop",
                                         StrCat(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":")",
                                                kSecret, R"("},"data":)", json::ToText(data), "}"),
                                         {});
  if (!made) world.Violate("cannot create the Secret: " + made.error().message);
  return made.has_value();
}

bool SettledAfterAnEdit(World& world, const std::string& name) {
  const auto object = world.Get(name);
  return object && object->IntegerAt("/status/observedGeneration") == object->generation() &&
         simulation::IsReady(world, name) && simulation::IsInSync(world, name);
}

void Live(World& world, const ExploredPlugin& explored) {
  const std::string& name = world.subject;
  if (!explored.kind.credential_keys.empty() && !MakeCredentials(world, explored)) return;
  world.StartLife();
  if (const Status made = world.Apply(name, WithSecret(explored.spec, explored.kind)); !made)
    return world.Violate("the API server refused the object: " + made.error().message);
  if (!simulation::Reach(world, "Ready", [&] { return simulation::IsReady(world, name); })) return;
  if (!explored.changed.empty()) {
    if (!simulation::Edited(world, name, WithSecret(explored.changed, explored.kind))) return;
    if (!simulation::Reach(world, "the edit", [&] { return SettledAfterAnEdit(world, name); })) return;
  }
  (void)world.Delete(name);
  if (!simulation::Reach(world, "the deletion of the object", [&] { return !world.Get(name); })) return;
  const auto empty = [&] {
    for (const auto& object : world.cloud->Objects()) {
      if (object.live) return false;
    }
    return true;
  };
  if (!simulation::Reach(world, "an empty account", empty)) return;
  const auto released = [&] {
    const auto secret = world.Get(kube::SecretKind(), kSecret);
    return !secret || !secret->HasFinalizer(managed::kInUseFinalizer);
  };
  if (simulation::Reach(world, "the release of the Secret", released)) simulation::ExpectQuiet(world);
}

}  // namespace

simulation::Scenario LifeOf(const ExploredPlugin& explored, Scheduler& real_time) {
  simulation::Scenario scenario;
  scenario.name = StrCat(explored.plugin->manifest().name, " ", explored.kind.kind);
  scenario.full = true;
  // A simulator in another process keeps what a run left behind, so every run uses a new name.
  const auto runs = std::make_shared<std::atomic<std::uint64_t>>(0);
  const auto name = [&explored](std::uint64_t run) {
    return explored.network == nullptr ? std::string("explored") : StrCat("explored-", run);
  };
  scenario.options = [&explored, &real_time, runs, name] {
    const std::uint64_t run = ++*runs;
    simulation::WorldOptions options;
    options.cloud.list_lag = explored.network == nullptr ? std::chrono::seconds(12) : std::chrono::seconds(0);
    options.name = name(run);
    if (explored.network != nullptr) options.uids = run;
    options.make_cloud = [&explored, &real_time, object = options.name](
                             const simulation::CloudSetting& setting, const Clock& clock) {
      return MakePluginCloud(explored, object, setting, clock, real_time);
    };
    return options;
  };
  scenario.act = [&explored](World& world, Invariants&) { Live(world, explored); };
  return scenario;
}

}  // namespace capstan::app
