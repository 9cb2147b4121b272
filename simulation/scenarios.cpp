// The scenarios: what users and clouds do. Each says what has to come about; the invariants say what must
// never.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/simulation/explorer.hpp>
#include <capstan/simulation/simulated_boxes.hpp>
#include <capstan/simulation/simulated_doks.hpp>

namespace capstan::simulation {
namespace {

constexpr auto kEnough =
    std::chrono::minutes(20);  // far beyond every backoff, so that only a standstill exceeds it

BoxCloud& Boxes(World& world) { return static_cast<SimulatedBoxes&>(*world.cloud).cloud(); }

std::string Spec(const World& world, const std::string& more = "") {
  return StrCat(world.cloud->spec(), R"(,"tokenSecret":"token")", more);
}

bool Reach(World& world, const std::string& what, const std::function<bool()>& done) {
  if (world.RunUntil(done, kEnough)) return true;
  world.Violate(StrCat("does not come about: ", what, "; Ready is ", world.ConditionOf("a", "Ready"),
                       ", Synced is ", world.ConditionOf("a", "Synced")));
  return false;
}

bool IsReady(World& world, const std::string& name = "a") {
  return world.ConditionOf(name, "Ready") == "True/Available";
}

// No more requests than a look a minute at each object that is left.
void MustBeQuiet(World& world) {
  world.RunFor(std::chrono::minutes(2));
  const std::size_t before = world.effects.effects.size();
  world.RunFor(std::chrono::minutes(10));
  const std::size_t used = world.effects.effects.size() - before;
  std::size_t budget = 0;
  for (const auto& key : world.keys) budget += world.Get(key.name) ? 7 * 12 : 0;
  if (used > budget)
    world.Violate(StrCat("not quiet: ", used, " requests in ten minutes, at most ", budget, " are due"));
}

void Begin(World& world) {
  if (!world.MakeSecret("token", world.cloud->token(0))) world.Violate("the Secret cannot be made");
  world.StartLife();
}

bool Made(World& world, const std::string& more = "") {
  if (const Status made = world.Apply("a", Spec(world, more)); !made) {
    world.Violate("the object is refused: " + made.error().message);
    return false;
  }
  return Reach(world, "Ready", [&] { return IsReady(world); });
}

bool Gone(World& world) {
  (void)world.Delete("a");
  if (!Reach(world, "the end of the object", [&] { return !world.Get("a"); })) return false;
  // The cloud finishes on its own.
  if (!Reach(world, "an empty account", [&] {
        for (const auto& object : world.cloud->Objects()) {
          if (object.live) return false;
        }
        return true;
      })) {
    return false;
  }
  const auto secret = world.Get(kube::SecretKind(), "token");
  if (secret && secret->HasFinalizer(managed::kInUseFinalizer))
    world.Violate("the credentials Secret is held by nobody's need");
  return true;
}

void CreateDelete(World& world, Invariants&) {
  Begin(world);
  if (Made(world) && Gone(world)) MustBeQuiet(world);
}

void CreateStay(World& world, Invariants&) {
  Begin(world);
  if (Made(world)) MustBeQuiet(world);
}

// The user changes his mind while the create is under way.
void CreateDeleteAtOnce(World& world, Invariants&) {
  Begin(world);
  (void)world.Apply("a", Spec(world));
  Reach(world, "an intent", [&] {
    const auto object = world.Get("a");
    return object && (object->ValueAt("/status/external/pending") || world.effects.effects.size() > 30);
  });
  if (Gone(world)) MustBeQuiet(world);
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
  if (Gone(world)) MustBeQuiet(world);
}

// A token of another account: nothing may be concluded from its 404s.
void OtherAccount(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  (void)world.MakeSecret("token", world.cloud->token(1));
  (void)world.Delete("a");
  world.RunFor(std::chrono::minutes(3));
  if (!world.Get("a")) return world.Violate("the object went although the token was of another account");
  (void)world.MakeSecret("token", world.cloud->token(0));
  if (Gone(world)) MustBeQuiet(world);
}

void NamespaceDeleted(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  (void)world.admin().Delete(kube::NamespaceKind(), {"", "shop"}, {}, {});
  world.life()->Poke();
  // Nobody pokes it when the namespace's emptying reaches the object: it is seen at the next look.
  Reach(world, "the end of the object", [&] { return !world.Get("a"); });
  Reach(world, "the end of the namespace", [&] {
    return !world.admin().Get(kube::NamespaceKind(), {"", "shop"}, {});
  });
}

// Gone behind our back, and to be made again.
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
  if (Gone(world)) MustBeQuiet(world);
}

std::string RecordedId(World& world, const std::string& name) {
  const auto object = world.Get(name);
  return object ? object->StringAt("/status/external/id").value_or("") : "";
}

std::string UidOf(World& world, const std::string& name) {
  const auto object = world.Get(name);
  return object ? object->uid() : "";
}

// Two objects want the same box: one gets it and keeps its hands off until told otherwise. When it lets go,
// the other one gets it, changes it and removes it.
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
  invariants.Excuse(UidOf(world, winner));  // it is told to let go
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
  if (!claims || !claims->empty()) world.Violate("a claim stays behind");
  MustBeQuiet(world);
}

// The user takes the wish back while the adoption is under way, and has a box of his own made.
void AdoptAndThinkAgain(World& world, Invariants&) {
  Begin(world);
  const std::string id = Boxes(world).PutByHand("account-a", "theirs", {});
  (void)world.Apply("a", Spec(world, StrCat(R"(,"adopt":{"boxID":")", id, "\"}")));
  Reach(world, "an intent", [&] {
    const auto object = world.Get("a");
    return object && (object->ValueAt("/status/external/pending") || world.effects.effects.size() > 30);
  });
  (void)world.Apply("a", R"("adopt":null,"managementPolicy":"Full","deletionPolicy":"Delete")");
  Reach(world, "Ready", [&] { return IsReady(world) && !RecordedId(world, "a").empty(); });
  const bool adopted = RecordedId(world, "a") == id;
  (void)world.Delete("a");
  Reach(world, "the end of the object", [&] { return !world.Get("a"); });
  Reach(world, "nothing but what was there before", [&] {
    for (const auto& box : Boxes(world).Boxes()) {
      if (box.id != id || adopted) return false;
    }
    return true;
  });
}

// A second node pool, another size of the first one: steps of which one makes something.
void DoksScaleAndPools(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  if (const Status edit = world.Apply(
          "a",
          R"("nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":3},{"name":"more","size":"s-2vcpu-4gb","count":1}])");
      !edit) {
    return world.Violate("the edit is refused: " + edit.error().message);
  }
  auto& cloud = static_cast<SimulatedDoks&>(*world.cloud).cloud();
  const auto pools = [&] {
    std::size_t count = 0;
    for (const auto& entry : cloud.Ledger()) count += entry.kind == "node_pool" && entry.live() ? 1 : 0;
    return count;
  };
  Reach(world, "two pools",
        [&] { return pools() >= 2 && world.ConditionOf("a", "Synced") == "True/InSync" && IsReady(world); });
  world.RunFor(std::chrono::minutes(2));
  if (pools() != 2) world.Violate(StrCat(pools(), " node pools where two were wanted"));
  if (Gone(world)) MustBeQuiet(world);
}

Scenario Doks(const std::string& name, std::function<void(World&, Invariants&)> act) {
  return {name,
          [] {
            WorldOptions options;
            options.make_cloud = MakeDoks;
            return options;
          },
          std::move(act)};
}

Scenario Plain(const std::string& name, std::function<void(World&, Invariants&)> act) {
  return {name, [] { return WorldOptions{}; }, std::move(act)};
}

// Looks are answered from lists, as in a fleet, although there is only one object.
Scenario Listed(Scenario scenario) {
  return {scenario.name + "-listed",
          [options = scenario.options] {
            WorldOptions listed = options();
            listed.managed.few_objects = 0;
            return listed;
          },
          std::move(scenario.act)};
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
  static const std::vector<Scenario> all = {
      Plain("create-delete", CreateDelete),
      Plain("create", CreateStay),
      Plain("create-delete-at-once", CreateDeleteAtOnce),
      Lagging("create-delete-lagging", std::chrono::seconds(28), std::chrono::seconds(9), CreateDelete),
      Plain("scale-and-parts", ScaleAndParts),
      Plain("other-account", OtherAccount),
      {"account-unreadable",
       [] {
         WorldOptions options;
         options.cloud.account_readable = false;
         return options;
       },
       CreateDelete},
      Plain("namespace-deleted", NamespaceDeleted),
      Plain("lost-and-made-again", LostAndMadeAgain),
      Plain("adopt", Adopt),
      Plain("adopt-and-think-again", AdoptAndThinkAgain),
      Doks("doks-create-delete", CreateDelete),
      Doks("doks-create-delete-at-once", CreateDeleteAtOnce),
      Doks("doks-scale-and-pools", DoksScaleAndPools),
      Doks("doks-other-account", OtherAccount),
      Listed(Plain("scale-and-parts", ScaleAndParts)),
      Listed(Plain("lost-and-made-again", LostAndMadeAgain)),
      Listed(
          Lagging("create-delete-lagging", std::chrono::seconds(28), std::chrono::seconds(9), CreateDelete)),
      Listed(Doks("doks-scale-and-pools", DoksScaleAndPools)),
  };
  return all;
}

const Scenario* FindScenario(const std::string& name) {
  for (const auto& scenario : AllScenarios()) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace capstan::simulation
