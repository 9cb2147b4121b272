#include <capstan/simulation/invariants.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::simulation {
namespace {

bool Has(const std::vector<std::string>& tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

Invariants::Invariants(World& world) : world_(world) {
  world.effects.check = [this](const Effect& effect) {
    CheckLease(effect);
    // The guarantees are not about leases.
    if (effect.shape.find("leases") != std::string::npos) return;
    // The objects of the guarantees change only through requests.
    const std::uint64_t revision = world_.api().revision();
    const bool changes = effect.cloud && effect.what.rfind("GET", 0) != 0;
    if (!changes && revision == revision_) return;
    revision_ = revision;
    Check(StrCat("after effect ", effect.number, " (", effect.what, ")"));
  };
}

void Invariants::CheckAdoption(const CloudChange& change, const std::string& when,
                               const std::map<std::string, kube::Object>& present) {
  const std::string prefix = managed::kIdentityPrefix, owners = managed::kOwnerPrefix;
  std::string writer, name;  // the owner in its current tag
  for (const auto& object : world_.cloud->Objects()) {
    if (object.id != change.id) continue;
    name = object.name;
    for (const auto& tag : object.tags) {
      if (tag.rfind(prefix, 0) == 0) writer = tag.substr(prefix.size());
    }
  }
  if (wished_.count({writer, change.id}) == 0 && wished_.count({writer, name}) == 0)
    world_.Violate(StrCat(change.id, " was adopted for ", writer, ", which never asked for it, ", when));
  for (const auto& [uid, object] : present) {
    if (uid != writer && object.StringAt("/status/external/id") == change.id)
      world_.Violate(StrCat(change.id, " was adopted although ", object.key(), " stands for it, ", when));
  }
  for (const auto& tag : change.tags_before) {
    const std::string uid = tag.rfind(prefix, 0) == 0 ? tag.substr(prefix.size()) : "";
    const bool foreign = tag.rfind(owners, 0) == 0 && tag != owners + world_.options.managed.owner_id;
    if (foreign || (uid != writer && present.count(uid) != 0))
      world_.Violate(StrCat(change.id, " was adopted although it is of ", tag, ", ", when));
  }
}

bool Invariants::IsReferredTo(const std::string& id) const {
  const auto objects = world_.cloud->Objects();
  return std::any_of(objects.begin(), objects.end(), [&](const auto& object) {
    return object.id == id && (referred_.count(id) != 0 || referred_.count(object.name) != 0);
  });
}

void Invariants::CheckChanges(const std::string& when, const std::map<std::string, kube::Object>& present) {
  const auto changes = world_.cloud->Changes();
  for (; changes_seen_ < changes.size(); ++changes_seen_) {
    const CloudChange& change = changes[changes_seen_];
    if (change.adopts) {
      CheckAdoption(change, when, present);
      continue;
    }
    const bool ours = std::any_of(change.tags_before.begin(), change.tags_before.end(),
                                  [&](const std::string& tag) { return known_tags_.count(tag) != 0; });
    if (!ours && change.operation == "POST key" && IsReferredTo(change.id)) continue;
    if (!ours)
      world_.Violate(
          StrCat(change.operation, " changed ", change.id, ", which carries no identity of ours, ", when));
    if (change.makes_whole) {
      const std::string prefix = managed::kIdentityPrefix;
      for (const auto& tag : change.tags_before) {
        const std::string uid = tag.rfind(prefix, 0) == 0 ? tag.substr(prefix.size()) : "";
        if (!uid.empty() && present.count(uid) != 0 && acting_.count(uid) == 0)
          world_.Violate(StrCat(change.id, " was made for a ReadOnly object, ", when));
      }
      made_ids_.insert(change.id);
      const std::string owner = managed::kOwnerPrefix + world_.options.managed.owner_id;
      if (!Has(change.tags_before, owner))
        world_.Violate(StrCat(change.id, " was made without the owner tag, ", when));
    }
  }
}

void Invariants::CheckLease(const Effect& effect) {
  constexpr auto kLease = std::chrono::seconds(15);
  if (!world_.options.full || world_.options.ignore_lease) return;
  const bool changes = effect.what.rfind("GET", 0) != 0;
  if (!changes || effect.result.empty()) return;
  if (effect.cloud) {
    const auto held = held_until_.find(effect.life);
    if (held == held_until_.end() || effect.at > held->second)
      world_.Violate(StrCat("life ", effect.life, " changes the cloud without the lease, effect ",
                            effect.number, " (", effect.what, ")"));
    return;
  }
  const bool heard = effect.result.size() == 3 && effect.result.front() == '2';
  const bool elects = effect.shape == "PATCH leases/*" ||
                      (effect.shape == "POST leases" && held_until_.count(effect.life) == 0);
  if (elects && heard) held_until_[effect.life] = After(effect.at, kLease);
}

void Invariants::CheckStarving(const std::map<std::string, kube::Object>& present) {
  constexpr auto kBound = std::chrono::minutes(6);
  if (world_.options.make_life || world_.crd_deleted) return;
  const Instant now = world_.scheduler.Now();
  Instant hindered{};
  for (const Refusal& refusal : world_.effects.refusals) hindered = std::max(hindered, refusal.until);
  for (const auto& [uid, object] : present) {
    const auto seen = object.IntegerAt("/status/observedGeneration");
    const bool taken_up = seen && *seen >= object.generation();
    const auto [it, first] = waiting_.try_emplace(uid, object.generation(), now);
    if (taken_up || it->second.first != object.generation()) it->second = {object.generation(), now};
    if (now > std::max(it->second.second, hindered) + kBound)
      world_.Violate(StrCat(object.key(), " starves: generation ", object.generation(),
                            " was not taken up for six minutes"));
  }
}

// Whether the cloud refused a list, the operator read the items one by one instead, and the log
// says so: that costs requests, but affects no object.
bool Invariants::WasReadOneByOne(const Refusal& refusal) const {
  if (!refusal.cloud || refusal.shape.rfind("GET ", 0) != 0) return false;
  const auto lines = world_.log.Lines();
  const bool said = std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(refusal.words) != std::string::npos &&
           line.find("each object is observed by a request of its own") != std::string::npos;
  });
  if (!said) return false;
  const auto& effects = world_.effects.effects;
  return std::any_of(effects.rbegin(), effects.rend(), [&](const Effect& effect) {
    return effect.at > refusal.from && effect.shape == refusal.shape + "/*" && effect.result == "200";
  });
}

// Whether the object could not be read, so that no condition could be written, while Events were
// refused as well.
bool Invariants::CouldNotBeReported(const Refusal& refusal) const {
  if (refusal.shape != StrCat("GET ", world_.kind.plural, "/*")) return false;
  const auto& all = world_.effects.refusals;
  return std::any_of(all.begin(), all.end(), [&](const Refusal& other) {
    return other.shape.find("events") != std::string::npos && other.until > refusal.from;
  });
}

// A lasting refusal must be visible where users look, or, if it prevents the operator from writing
// there, in the log.
void Invariants::CheckRefusals() {
  constexpr auto kBound = std::chrono::minutes(6);
  for (Refusal& refusal : world_.effects.refusals) {
    const Instant now = world_.scheduler.Now();
    if (refusal.judged || refusal.count < 3 || now - refusal.from < kBound) continue;
    refusal.judged = true;
    // Without permission to read its CRD the operator uses discovery instead, and loses nothing.
    if (refusal.shape.rfind("GET customresourcedefinitions/", 0) == 0) continue;
    const bool tells = refusal.shape.find("/status") != std::string::npos ||
                       refusal.shape.find("events") != std::string::npos;
    // If objects cannot even be listed, there is none to report it on.
    const bool about_object = refusal.cloud ||
                              refusal.shape.find(world_.kind.plural + "/*") != std::string::npos ||
                              refusal.shape.find("secrets/*") != std::string::npos;
    // A token that cannot read its account means an unknown account; everything else works.
    if (refusal.cloud && refusal.shape.ends_with("/account")) continue;
    const bool log_is_enough =
        tells || !about_object || !world_.Get("a") || WasReadOneByOne(refusal) || CouldNotBeReported(refusal);
    if (!world_.Says(refusal.words, log_is_enough))
      world_.Violate(StrCat("a refusal that lasts is kept silent: ", refusal.shape, " was refused with ",
                            refusal.status, " ", refusal.count, " times in six minutes"));
  }
}

void Invariants::CheckKept(const std::string& when) {
  if (world_.kept.empty()) return;
  const auto objects = world_.cloud->Objects();
  for (const std::string& id : world_.kept) {
    const bool stays = std::any_of(objects.begin(), objects.end(),
                                   [&](const CloudObject& object) { return object.id == id && object.live; });
    if (!stays) world_.Violate(StrCat(id, " was removed because the CRD was deleted, ", when));
  }
}

void Invariants::Check(const std::string& when) {
  CheckRefusals();
  CheckKept(when);
  std::map<std::string, kube::Object> present;
  for (const auto& key : world_.keys) {
    if (const auto object = world_.Get(key.name)) {
      present.emplace(object->uid(), *object);
      uids_[key] = object->uid();
      if (known_tags_.insert(managed::kIdentityPrefix + object->uid()).second)
        world_.cloud->Expect(managed::kIdentityPrefix + object->uid());
    }
  }
  for (const auto& [uid, object] : present) {
    const bool refers = object.StringAt("/spec/managementPolicy") == "ReadOnly";
    if (!refers) acting_.insert(uid);
    if (refers) {
      for (const char* field :
           {"/spec/adopt/boxID", "/spec/adopt/clusterID", "/spec/adopt/name", "/spec/name"})
        referred_.insert(object.StringAt(field).value_or(object.metadata().name));
      continue;  // a reference needs no tags
    }
    for (const char* field : {"/spec/adopt/boxID", "/spec/adopt/clusterID", "/spec/adopt/name"}) {
      const std::string wish = object.StringAt(field).value_or("");
      if (!wish.empty()) wished_.insert({uid, wish});
    }
  }
  CheckChanges(when, present);
  CheckStarving(present);
  const auto objects = world_.cloud->Objects();
  for (const auto& object : objects) made_ids_.insert(object.id);
  for (const std::string& tag : known_tags_) {
    std::vector<std::string> live, there;
    for (const auto& object : objects) {
      if (!Has(object.tags, tag)) continue;
      if (object.live) live.push_back(object.id);
      if (object.live || object.shown) there.push_back(object.id);
    }
    if (live.size() > 1)
      world_.Violate(StrCat("two live cloud objects of ", tag, " (", Join(live, ", "), ") ", when));
    const std::string uid = tag.substr(std::string(managed::kIdentityPrefix).size());
    if (there.empty() || exempted_.count(uid) != 0) continue;
    const auto it = present.find(uid);
    if (it == present.end()) {
      world_.Violate(
          StrCat("cloud object ", there[0], " lives on and its Kubernetes object is gone, ", when));
    } else if (!it->second.HasFinalizer(managed::kFinalizer)) {
      world_.Violate(StrCat("cloud object ", there[0], " is there our finalizer is gone, ", when));
    }
  }
  std::set<std::string> ids;
  for (const auto& [uid, object] : present) {
    const std::string id = object.StringAt("/status/external/id").value_or("");
    if (!id.empty() && !ids.insert(id).second)
      world_.Violate(StrCat("two objects stand for ", id, ", ", when));
    if (!id.empty() && made_ids_.count(id) == 0)
      world_.Violate(StrCat("status names ", id, ", which never existed, ", when));
  }
}

}  // namespace capstan::simulation
