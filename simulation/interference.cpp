// What mishaps do to the world, and how a run sees what came of it.
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
      if (admin_->Delete(kube::CustomResourceDefinitionKind(), {"", kind.plural + "." + kind.group}, {}, {}))
        crd_deleted = scheduler.Now();
      return;
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
  // The name of a life is as much a version as the number of an edit: what matters is whether the youngest one
  // leads, and whether others live.
  int living = 0;
  for (const auto& life : lives_) living += life->dead() ? 0 : 1;
  const std::string holder = storage_->HolderOfLease();
  const bool leads = !lives_.empty() && holder == lives_.back()->holder();
  std::uint64_t state = MixText(kNoText, StrCat(storage_->digest(), "/", living, leads ? "" : holder));
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
