// The scenarios: what users and clouds do. Each states what must happen; the invariants state what
// must never happen.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/simulation/scenario_parts.hpp>
#include <capstan/simulation/simulated_boxes.hpp>

namespace capstan::simulation {
namespace {

BoxCloud& Boxes(World& world) { return static_cast<SimulatedBoxes&>(*world.cloud).cloud(); }

void CreateStay(World& world, Invariants&) {
  Begin(world);
  if (Made(world)) ExpectQuiet(world);
}

void ScaleAndParts(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  (void)world.Apply("a", R"("size":5,"lids":["top","bottom"])");
  Reach(world, "two lids and the new size", [&] {
    const auto boxes = Boxes(world).Boxes();
    return boxes.size() == 1 && boxes[0].size == 5 && boxes[0].lids.size() >= 2 &&
           world.ConditionOf("a", "Synced") == "True/InSync";
  });
  for (const auto& box : Boxes(world).Boxes()) {
    if (box.lids.size() > 2) world.Violate(StrCat(box.lids.size(), " lids where two were wanted"));
  }
  if (Gone(world)) ExpectQuiet(world);
}

// A cloud object disappears behind the operator's back and must be created again.
void LostAndMadeAgain(World& world, Invariants&) {
  Begin(world);
  if (!Made(world, R"(,"recreateIfLost":true)")) return;
  const std::string id = world.Get("a")->StringAt("/status/external/id").value_or("");
  Boxes(world).VanishBox(id);
  Reach(world, "another cloud object", [&] {
    const auto object = world.Get("a");
    const std::string now = object ? object->StringAt("/status/external/id").value_or("") : "";
    return !now.empty() && now != id && IsReady(world);
  });
  if (Gone(world)) ExpectQuiet(world);
}

// Two objects want to adopt the same box: one gets it, and the other does nothing until that one
// abandons it. Then the other one adopts, changes and deletes it.
void Adopt(World& world, Invariants& invariants) {
  Begin(world);
  const std::string id = Boxes(world).PutByHand("account-a", "theirs", {"by-hand"});
  const std::string spec = StrCat(R"("tokenSecret":"token","size":4,"adopt":{"boxID":")", id, "\"}");
  (void)world.Apply("a", spec);
  (void)world.Apply("b", spec);
  const auto settled = [&](const std::string& winner, const std::string& loser) {
    return RecordedId(world, winner) == id && RecordedId(world, loser).empty() &&
           world.ConditionOf(winner, "Synced") == "False/ObserveOnly" &&
           world.ConditionOf(loser, "Synced") == "False/AdoptionClaimed";
  };
  if (!Reach(world, "one adoption and one claim that is taken",
             [&] { return settled("a", "b") || settled("b", "a"); })) {
    return;
  }
  const std::string winner = settled("a", "b") ? "a" : "b", loser = winner == "a" ? "b" : "a";
  for (const auto& change : Boxes(world).Changes()) {
    if (change.operation != "PUT tags" && change.operation != "POST key")
      world.Violate(change.operation + " changed what is only observed");
  }
  invariants.Exempt(UidOf(world, winner));  // the spec asks to abandon it
  (void)world.Delete(winner);
  if (!Reach(world, "the end of the first object", [&] { return !world.Get(winner); })) return;
  if (!Reach(world, "the adoption by the other one", [&] {
        return RecordedId(world, loser) == id && world.ConditionOf(loser, "Synced") == "False/ObserveOnly";
      })) {
    return;
  }
  (void)world.Apply(loser, R"("managementPolicy":"Full","deletionPolicy":"Delete")");
  if (!Reach(world, "the spec carried out", [&] {
        const auto boxes = Boxes(world).Boxes();
        return boxes.size() == 1 && boxes[0].size == 4 && world.ConditionOf(loser, "Synced") == "True/InSync";
      })) {
    return;
  }
  for (const auto& box : Boxes(world).Boxes()) {
    if (std::find(box.tags.begin(), box.tags.end(), "by-hand") == box.tags.end())
      world.Violate("an adoption took a tag away that is not ours");
  }
  (void)world.Delete(loser);
  if (!Reach(world, "the end of the second object", [&] { return !world.Get(loser); })) return;
  if (!Reach(world, "an empty account", [&] { return Boxes(world).Boxes().empty(); })) return;
  const auto claims = world.admin().ListAll(kube::LeaseKind(), "capstan-system", {}, {});
  // If the permission to delete the Lease was missing, an event must name what stays.
  const auto is_left = [&](const kube::Object& lease) {
    return lease.key().name != "capstan" && !world.Says(StrCat("Lease ", lease.key(), " may stay"), false);
  };
  if (!claims || std::any_of(claims->begin(), claims->end(), is_left)) world.Violate("a claim stays behind");
  ExpectQuiet(world);
}

// The user withdraws spec.adopt while the adoption is in progress, and gets a new box instead.
void AdoptAndThinkAgain(World& world, Invariants&) {
  Begin(world);
  const std::string id = Boxes(world).PutByHand("account-a", "theirs", {});
  (void)world.Apply("a", SpecFor(world, StrCat(R"(,"adopt":{"boxID":")", id, "\"}")));
  Reach(world, "an intent", [&] {
    const auto object = world.Get("a");
    return object && (object->ValueAt("/status/external/pending") || world.effects.effects.size() > 30);
  });
  (void)world.Apply("a", R"("adopt":null,"managementPolicy":"Full","deletionPolicy":"Delete")");
  Reach(world, "Ready", [&] { return IsReady(world) && !RecordedId(world, "a").empty(); });
  const bool adopted = RecordedId(world, "a") == id;
  (void)world.Delete("a");
  Reach(world, "the deletion of the object", [&] { return !world.Get("a"); });
  Reach(world, "nothing but what was there before", [&] {
    for (const auto& box : Boxes(world).Boxes()) {
      if (box.id != id || adopted) return false;
    }
    return true;
  });
}

// A box of another owner, referenced by name and by id: status shows it, and nothing changes it,
// even when the references are deleted.
void Refer(World& world, Invariants&) {
  Begin(world);
  const std::string id = Boxes(world).PutByHand("account-a", "theirs", {"by-hand"});
  const std::string policy =
      R"("tokenSecret":"token","size":9,"recreateIfLost":true,"managementPolicy":"ReadOnly",)";
  (void)world.Apply("a", StrCat(policy, R"("adopt":{"name":"theirs"})"));
  (void)world.Apply("b", StrCat(policy, R"("adopt":{"boxID":")", id, R"("},"deletionPolicy":"Delete")"));
  for (const std::string name : {"a", "b"}) {
    if (!Reach(world, "a reference that is Ready",
               [&] { return IsReady(world, name) && world.ConditionOf(name, "Synced") == "True/ReadOnly"; }))
      return;
  }
  for (const std::string name : {"a", "b"}) {
    (void)world.Delete(name);
    if (!Reach(world, "the end of a reference", [&] { return !world.Get(name); })) return;
  }
  for (const auto& change : Boxes(world).Changes())
    if (change.operation != "POST key") world.Violate(change.operation + " changed what is only referred to");
  const auto boxes = Boxes(world).Boxes();
  if (boxes.size() != 1 || boxes[0].tags != std::vector<std::string>{"by-hand"} || boxes[0].delete_requested)
    world.Violate("what was referred to is not as it was");
  ExpectQuiet(world);
}

// The user decides to keep the box when the cloud is already deleting it: the operator still waits
// for the end, because abandoning it would claim that it stays.
void DeleteAndThinkTooLate(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  (void)world.Delete("a");
  const auto goes = [&] {
    const auto boxes = Boxes(world).Boxes();
    return boxes.empty() || boxes[0].delete_requested;
  };
  if (!Reach(world, "a removal that has begun", goes)) return;
  (void)world.Apply("a", R"("deletionPolicy":"Retain")");
  if (!Reach(world, "the deletion of the object", [&] { return !world.Get("a"); })) return;
  if (world.log.Contains("abandoned a cloud object")) world.Violate("what goes was said to stay");
}

// One worker for many: an object that is edited all the time and one that cannot be created,
// because its Secret is missing, do not starve the others.
void Crowd(World& world, Invariants&) {
  constexpr int kUndisturbed = 100, kAtAll = 250;  // edits: the first 100 a second apart, then ten
  Begin(world);
  const std::vector<std::string> others = {"b", "c", "d"};
  (void)world.Apply("busy", SpecFor(world));
  (void)world.Apply("poor", StrCat(world.cloud->spec(), R"(,"tokenSecret":"missing")"));
  for (const std::string& name : others) (void)world.Apply(name, SpecFor(world));
  const auto served = [&] {
    return std::all_of(others.begin(), others.end(), [&](const auto& name) { return IsReady(world, name); });
  };
  int edits = 0;
  for (; edits < kAtAll && !served(); ++edits) {
    (void)world.Apply("busy", StrCat(R"("color":"c)", edits % 4, "\""));
    world.RunFor(std::chrono::seconds(edits < kUndisturbed ? 1 : 10));
  }
  const auto& effects = world.effects.effects;
  const bool struck = std::any_of(effects.begin(), effects.end(),
                                  [](const Effect& effect) { return effect.mishap != Mishap::kNone; });
  for (const std::string& name : others) {
    if (!IsReady(world, name) || (edits >= kUndisturbed && !struck))
      world.Violate(StrCat(name, " starves: it is not Ready after ", edits, " edits of another one"));
  }
  (void)world.Delete("busy");
  (void)world.Delete("poor");
  for (const std::string& name : others) (void)world.Delete(name);
  Reach(world, "an empty account", [&] { return Boxes(world).Boxes().empty(); });
  Reach(world, "the end of the objects", [&] {
    return std::none_of(world.keys.begin(), world.keys.end(),
                        [&](const kube::ObjectKey& key) { return world.Get(key.name).has_value(); });
  });
}

Scenario Plain(const std::string& name, std::function<void(World&, Invariants&)> act) {
  return {name, [] { return WorldOptions{}; }, std::move(act)};
}

Scenario Lagging(const std::string& name, Duration list_lag, Duration get_lag,
                 std::function<void(World&, Invariants&)> act) {
  return {name,
          [=] {
            WorldOptions options;
            options.cloud.list_lag = list_lag;
            options.cloud.get_lag = get_lag;
            return options;
          },
          std::move(act)};
}

}  // namespace

const std::vector<Scenario>& AllScenarios() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> list = {
        Open(Plain("create-delete", CreateDelete)),
        Open(Plain("create", CreateStay)),
        Open(Plain("create-delete-at-once", CreateDeleteAtOnce)),
        Open(Lagging("create-delete-lagging", std::chrono::seconds(28), std::chrono::seconds(9),
                     CreateDelete)),
        Plain("scale-and-parts", ScaleAndParts),
        Plain("other-account", OtherAccount),
        Open({"account-unreadable",
              [] {
                WorldOptions options;
                options.cloud.account_readable = false;
                return options;
              },
              CreateDelete}),
        Plain("namespace-deleted", NamespaceDeleted),
        Plain("lost-and-made-again", LostAndMadeAgain),
        Plain("adopt", Adopt),
        Plain("adopt-and-think-again", AdoptAndThinkAgain),
        Plain("delete-and-think-too-late", DeleteAndThinkTooLate),
        Plain("refer", Refer),
        {"crowd",
         [] {
           WorldOptions options;
           options.workers = 1;
           return options;
         },
         Crowd},
        Listed(Plain("scale-and-parts", ScaleAndParts)),
        Listed(Plain("lost-and-made-again", LostAndMadeAgain)),
        Open(Listed(Lagging("create-delete-lagging", std::chrono::seconds(28), std::chrono::seconds(9),
                            CreateDelete))),
    };
    for (auto& scenario : DoksScenarios()) list.push_back(std::move(scenario));
    return list;
  }();
  return all;
}

const Scenario* FindScenario(const std::string& name) {
  static const Scenario shards = ShardsScenario();
  if (name == shards.name) return &shards;
  for (const auto& scenario : AllScenarios()) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace capstan::simulation
