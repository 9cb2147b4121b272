// How mishaps change the world, and the state that a run observes.
#include <algorithm>
#include <functional>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/simulation/world.hpp>

namespace capstan::simulation {
namespace {

constexpr auto kIntruder = R"({"spec":{"holderIdentity":"intruder","leaseDurationSeconds":15,"renewTime":")";

}  // namespace

void World::StrikeWorld(Mishap mishap, Life& life) {
  const auto hour = std::chrono::hours(1);
  switch (mishap) {
    case Mishap::kSecondReplica:
      StartLife();
      return;
    case Mishap::kLeaseLost:
      (void)admin_->Patch(kube::LeaseKind(), {options.managed.operator_namespace, "capstan"},
                          kube::PatchType::kMerge,
                          StrCat(kIntruder, FormatRfc3339Micro(scheduler.WallNow()), "\"}}"), {}, {});
      return;
    case Mishap::kClockForward:
      life.SkewClock(hour);
      return;
    case Mishap::kClockBack:
      life.SkewClock(-hour);
      return;
    case Mishap::kUserEdit:
      if (!cloud->edit().empty() && Get(subject)) user_edited = Apply(subject, cloud->edit()).has_value();
      return;
    case Mishap::kUserDelete:
      if (Get(subject)) user_deleted = Delete(subject).has_value();
      return;
    case Mishap::kCrdDeleted:
      return DeleteCrd();
    case Mishap::kCloudDrift:
      cloud->Drift();
      return;
    case Mishap::kLogStalls:
      life.StallLog(After(scheduler.Now(), std::chrono::seconds(40)));
      return;
    default:
      return;
  }
}

void World::DeleteCrd() {
  bool removing = false;
  for (const auto& key : keys) {
    const auto object = Get(key.name);
    removing = removing || (object && object->deleting());
  }
  const auto objects = cloud->Objects();
  if (!admin_->Delete(kube::CustomResourceDefinitionKind(), {"", kind.plural + "." + kind.group}, {}, {}))
    return;
  crd_deleted = scheduler.Now();
  for (const auto& object : objects) {
    if (object.live && !removing) kept.push_back(object.id);
  }
}

void World::Strike(Mishap mishap, Life& life, const Effect& effect) {
  switch (InfoOf(mishap).family) {
    case MishapFamily::kPause:
      if (options.full) {
        StartLife();
      } else if (life.number() == leader && !takeover_) {
        takeover_ = After(scheduler.Now(), lease);
      }
      life.Freeze(After(scheduler.Now(), effects.pause));
      return;
    case MishapFamily::kRefusal:
      effects.refusals.push_back(RefusalFor(mishap, effect, scheduler.Now()));
      return;
    case MishapFamily::kOrder:
      *next_pick = PickFor(mishap);
      return;
    case MishapFamily::kWorld:
      StrikeWorld(mishap, life);
      return;
    case MishapFamily::kStale:
      if (Disorder(life.port().faults(), mishap, scheduler.Now())) {
        api_->Compact();
        CutWatches();
      }
      return;
    default:
      return;
  }
}

bool World::CutShort() {
  if (crd_deleted && scheduler.Now() >= *crd_deleted + std::chrono::minutes(5)) return true;
  return user_deleted && !Get(subject);
}

std::uint64_t World::Digest() const {
  // The number of a life is a version, like the number of an edit: only how many live, their order,
  // which one acts and which one leads matters.
  const std::string holder = storage_->HolderOfLease();
  std::uint64_t state = Mix(storage_->digest(), static_cast<std::uint64_t>(phase));
  bool known = false;
  for (const auto& life : lives_) {
    if (life->dead()) continue;
    const bool leads = life->holder() == holder || (!options.full && life->number() == leader);
    known = known || leads;
    state = Mix(state, (leads ? 1u : 0u) | (life.get() == effects.acting ? 2u : 0u));
    state = Mix(state, life->lingering());
    // A life that starts to lead later begins with a fresh read.
    if (leads) state = Mix(state, life->port().memory());
  }
  if (!known) state = MixText(state, holder);
  state = Mix(state, (user_deleted ? 1u : 0u) | (user_edited ? 2u : 0u) | (crd_deleted ? 4u : 0u) |
                         (kept.empty() ? 0u : 16u) | (takeover_ ? 8u : 0u));
  for (const auto& object : cloud->Objects()) {
    state = MixText(state, StrCat(object.id, object.name, object.live ? "1" : "0", object.shown ? "1" : "0",
                                  Join(object.tags, ",")));
  }
  return state;
}

bool World::Says(const std::string& words, bool in_log) {
  for (const auto& key : keys) {
    const auto object = Get(key.name);
    if (object && object->ValueAt("/status").value_or("").find(words) != std::string::npos) return true;
  }
  for (const char* where : {"shop", "default", "capstan-system"}) {
    const auto events = admin_->ListAll(kube::EventKind(), where, {}, {});
    for (const auto& event : events ? *events : std::vector<kube::Object>()) {
      if (event.StringAt("/message").value_or("").find(words) != std::string::npos) return true;
    }
  }
  return in_log && log.Contains(words);
}

}  // namespace capstan::simulation
