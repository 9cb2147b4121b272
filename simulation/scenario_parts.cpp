#include <capstan/simulation/scenario_parts.hpp>

#include <algorithm>
#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::simulation {
namespace {

constexpr auto kEnough =
    std::chrono::minutes(20);  // far longer than every backoff, so that only a standstill exceeds it

}  // namespace

std::string SpecFor(const World& world, const std::string& more) {
  return StrCat(world.cloud->spec(), R"(,"tokenSecret":"token")", more);
}

namespace {

// The expected results after a user or an administrator has ended the scenario early.
void EndShort(World& world) {
  // This must not delete anything in the cloud; the invariants check that.
  if (world.crd_deleted) return;
  const auto gone = [&] {
    for (const auto& object : world.cloud->Objects()) {
      if (object.live) return false;
    }
    return true;
  };
  if (!world.RunUntil(gone, kEnough)) world.Violate("does not come about: an empty account");
}

}  // namespace

bool Reach(World& world, const std::string& what, const std::function<bool()>& done) {
  ++world.phase;
  bool reached = false;
  (void)world.RunUntil(
      [&] {
        reached = done();
        return reached || world.CutShort();
      },
      kEnough);
  if (reached) return true;
  if (world.CutShort()) {
    EndShort(world);
    return false;
  }
  world.Violate(StrCat("does not come about: ", what, "; Ready is ",
                       world.ConditionOf(world.subject, "Ready"), ", Synced is ",
                       world.ConditionOf(world.subject, "Synced")));
  return false;
}

bool IsReady(World& world, const std::string& name) {
  return world.ConditionOf(name, "Ready") == "True/Available";
}

bool IsInSync(World& world, const std::string& name) {
  return world.ConditionOf(name, "Synced") == "True/InSync";
}

std::string RecordedId(World& world, const std::string& name) {
  const auto object = world.Get(name);
  return object ? object->StringAt("/status/external/id").value_or("") : "";
}

std::string UidOf(World& world, const std::string& name) {
  const auto object = world.Get(name);
  return object ? object->uid() : "";
}

void Begin(World& world) {
  if (!world.MakeSecret("token", world.cloud->token(0))) world.Violate("the Secret cannot be made");
  world.StartLife();
}

bool Made(World& world, const std::string& more) {
  if (const Status made = world.Apply("a", SpecFor(world, more)); !made) {
    world.Violate("the API server refused the object: " + made.error().message);
    return false;
  }
  return Reach(world, "Ready", [&] { return IsReady(world); }) &&
         Reach(world, "what a user changed",
               [&] { return !world.user_edited || world.cloud->ShowsEdit(); }) &&
         Reach(world, "the end of a drift", [&] { return !world.cloud->Drifted(); });
}

bool Edited(World& world, const std::string& name, const std::string& spec) {
  const Status edit = world.Apply(name, spec);
  if (!edit) world.Violate("the edit is refused: " + edit.error().message);
  return edit.has_value();
}

bool Gone(World& world) {
  (void)world.Delete("a");
  if (!Reach(world, "the deletion of the object", [&] { return !world.Get("a"); })) return false;
  // The cloud finishes on its own.
  if (!Reach(world, "an empty account", [&] {
        for (const auto& object : world.cloud->Objects()) {
          if (object.live) return false;
        }
        return true;
      })) {
    return false;
  }
  // The last reconcile releases the Secret; if a mishap prevented that, the sweep of full lives
  // does it.
  const auto held = [&] {
    const auto secret = world.Get(kube::SecretKind(), "token");
    return secret && secret->HasFinalizer(managed::kInUseFinalizer);
  };
  const auto& effects = world.effects.effects;
  const bool struck = std::any_of(effects.begin(), effects.end(),
                                  [](const Effect& effect) { return effect.mishap != Mishap::kNone; });
  if (world.options.full && struck) return Reach(world, "the release of the Secret", [&] { return !held(); });
  if (held()) world.Violate("the credentials Secret is held by nobody's need");
  return true;
}

namespace {

constexpr std::size_t kQuietMinutes = 5;

// Counts the requests from that effect on, over these minutes.
void CheckQuiet(World& world, std::size_t before) {
  // Full lives: a watch that is silent for long is checked with a list of one item (once in these
  // minutes for each watched kind); and the Secrets in use are checked once a minute (one request a
  // minute, and one more for the first).
  std::size_t used = 0, streams = 0, budget = world.options.full ? 4 + kQuietMinutes + 1 : 0;
  std::map<std::string, std::size_t> refused;  // by shape
  for (std::size_t i = before; i < world.effects.effects.size(); ++i) {
    const Effect& effect = world.effects.effects[i];
    // Leases are renewed, and those of members are listed, by the clock.
    if (effect.shape.find("leases") != std::string::npos) continue;
    const bool denied = effect.result == "400" || effect.result == "403" || effect.result == "422";
    ++(denied          ? refused[StrCat(effect.shape, effect.stream ? ", as a stream" : "")]
       : effect.stream ? streams
                       : used);
  }
  for (const auto& key : world.keys) budget += world.Get(key.name) ? 7 * (kQuietMinutes + 1) : 0;
  if (used > budget)
    world.Violate(StrCat("not quiet: ", used, " requests in ", kQuietMinutes, " minutes, at most ", budget,
                         " are due"));
  // A process that waits for the lease watches as well, and looks for a kind whose CRD was deleted
  // two to four times a minute.
  const std::size_t watched = 4 * kQuietMinutes * std::max<std::size_t>(world.living(), 1);
  for (const auto& [shape, count] : refused) {
    const std::size_t due = shape.ends_with(" stream") ? watched : 10;
    if (count > due)
      world.Violate(StrCat("not quiet: ", shape, " was refused ", count, " times in ", kQuietMinutes,
                           " minutes, at most ", due, " are due"));
  }
  if (streams > watched)
    world.Violate(StrCat("not quiet: ", streams, " watches and lists in ", kQuietMinutes,
                         " minutes, at most ", watched, " are due"));
}

}  // namespace

void ExpectQuiet(World& world) {
  ++world.phase;
  const auto& made = world.effects.effects;
  const std::size_t began = made.size();
  // A request without an answer is retried after half a minute.
  const auto unanswered = std::count_if(made.begin(), made.end(), [](const Effect& effect) {
    return effect.mishap == Mishap::kTimeoutBefore || effect.mishap == Mishap::kTimeoutAfter;
  });
  world.RunFor(std::chrono::minutes(1) + unanswered * std::chrono::seconds(35));
  std::size_t before = world.effects.effects.size();
  world.RunFor(std::chrono::minutes(kQuietMinutes));
  // If a user or the cloud did something meanwhile, there was work: the quiet period starts after
  // it.
  const bool meddled = std::any_of(
      made.begin() + static_cast<std::ptrdiff_t>(began), made.end(),
      [](const Effect& effect) { return effect.mishap != Mishap::kNone && InfoOf(effect.mishap).meddles; });
  if (meddled) {
    const bool ends = world.user_deleted && world.Get(world.subject);
    if (ends && !Reach(world, "the deletion of the object", [&] { return !world.Get(world.subject); }))
      return;
    world.RunFor(std::chrono::minutes(3));
    before = world.effects.effects.size();
    world.RunFor(std::chrono::minutes(kQuietMinutes));
  }
  CheckQuiet(world, before);
}

void CreateDelete(World& world, Invariants&) {
  Begin(world);
  if (Made(world) && Gone(world)) ExpectQuiet(world);
}

// The user deletes the object while the create is in progress.
void CreateDeleteAtOnce(World& world, Invariants&) {
  Begin(world);
  (void)world.Apply("a", SpecFor(world));
  Reach(world, "an intent", [&] {
    const auto object = world.Get("a");
    return object && (object->ValueAt("/status/external/pending") || world.effects.effects.size() > 30);
  });
  if (Gone(world)) ExpectQuiet(world);
}

// A token of another account: its 404s prove nothing.
void OtherAccount(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  (void)world.MakeSecret("token", world.cloud->token(1));
  (void)world.Delete("a");
  world.RunFor(std::chrono::minutes(3));
  if (!world.Get("a")) return world.Violate("the object went although the token was of another account");
  (void)world.MakeSecret("token", world.cloud->token(0));
  if (Gone(world)) ExpectQuiet(world);
}

void NamespaceDeleted(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  (void)world.admin().Delete(kube::NamespaceKind(), {"", "shop"}, {}, {});
  if (world.life() != nullptr) world.life()->ReconcileAll();
  // Nothing wakes the operator when the deletion of the namespace reaches the object: the next
  // resync observes it.
  Reach(world, "the deletion of the object", [&] { return !world.Get("a"); });
  Reach(world, "the end of the namespace", [&] {
    return !world.admin().Get(kube::NamespaceKind(), {"", "shop"}, {});
  });
}

Scenario Open(Scenario scenario) {
  scenario.meddling = true;
  return scenario;
}

Scenario Listed(Scenario scenario) {
  scenario.name += "-listed";
  scenario.options = [options = std::move(scenario.options)] {
    WorldOptions listed = options();
    listed.managed.few_objects = 0;
    listed.cloud.lists = true;
    return listed;
  };
  return scenario;
}

}  // namespace capstan::simulation
