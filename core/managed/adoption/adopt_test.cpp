#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>
#include <capstan/simulation/invariants.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

std::string Adopting(const std::string& id, const std::string& more = "") {
  return R"("tokenSecret":"token","size":5,"adopt":{"boxID":")" + id + "\"}" + more;
}

class Adopt : public ManagedTest {
 protected:
  std::string PutTheirs(const std::string& name = "theirs", std::vector<std::string> tags = {"by-hand"}) {
    return boxes().PutByHand("account-a", name, std::move(tags));
  }
  bool HasTag(const std::string& id, const std::string& tag) {
    for (const auto& box : boxes().Boxes()) {
      if (box.id == id) return std::find(box.tags.begin(), box.tags.end(), tag) != box.tags.end();
    }
    return false;
  }
  std::string Tag(const std::string& name) { return "capstan:" + world.Get(name)->uid(); }
  std::size_t Claims() {
    const auto leases = world.admin().ListAll(kube::LeaseKind(), "capstan-system", {}, {});
    return leases ? leases->size() : 99;
  }
  // As another operator, or an earlier one, would.
  void HoldClaim(const std::string& id, const std::string& uid, const std::string& claimant) {
    const std::string name = StrCat(kClaimPrefix, "-", id);
    const std::string lease =
        StrCat(R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":")", name,
               R"(","annotations":{")", kClaimantAnnotation, R"(":")", claimant,
               R"("}},"spec":{"holderIdentity":")", uid, R"("}})");
    auto& admin = world.admin();
    auto held =
        admin.Patch(kube::LeaseKind(), {"capstan-system", name}, kube::PatchType::kMerge, lease, {}, {});
    if (!held) held = admin.Create(kube::LeaseKind(), "capstan-system", lease, {});
    EXPECT_TRUE(held) << held.error();
  }
  std::string Holder(const std::string& id) {
    const auto lease =
        world.admin().Get(kube::LeaseKind(), {"capstan-system", StrCat(kClaimPrefix, "-", id)}, {});
    return lease ? lease->StringAt("/spec/holderIdentity").value_or("") : "no lease";
  }
  // An object as a backup restores it: both its annotation and spec.adopt name this cloud object.
  void MakeRestored(const std::string& id, const std::string& account) {
    const auto made = world.admin().Create(
        world.kind, "shop",
        StrCat(R"({"apiVersion":"example.test/v1","kind":"Box","metadata":{"name":"a","annotations":{)",
               R"("capstan.dev/external":"{\"id\":\")", id, R"(\",\"account\":\")", account,
               R"(\",\"uid\":\"old\"}"}},"spec":{)", Adopting(id), "}}"),
        {});
    ASSERT_TRUE(made) << made.error();
    world.keys.push_back({"shop", "a"});
    world.life()->ReconcileAll();
  }
  void MustBeUntouched() {
    for (const auto& change : boxes().Changes()) ADD_FAILURE() << change.operation << " " << change.id;
  }
};

TEST_F(Adopt, TagsItRecordsItAndChangesNothingElse) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  EXPECT_EQ(Field("a", "/status/boxID"), id);
  EXPECT_EQ(Field("a", "/status/external/id"), id);
  EXPECT_EQ(world.Get("a")->BooleanAt("/status/external/adopted"), true);
  EXPECT_TRUE(HasTag(id, Tag("a")));
  EXPECT_TRUE(HasTag(id, "capstan-owner:owner-1"));
  EXPECT_TRUE(HasTag(id, "by-hand")) << "other tags stay";
  EXPECT_EQ(Field("a", "/status/plan/steps/0/target"), "size") << "what differs is shown";
  EXPECT_EQ(Field("a", "/status/plan/differences/0/field"), "spec.size");
  EXPECT_EQ(Field("a", "/status/plan/current"), "") << "nothing is being done";
  EXPECT_EQ(Changes("PUT tags"), 1);
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Changes("PUT /boxes"), 0);
  EXPECT_EQ(Claims(), 1u);
}

TEST_F(Adopt, CarriesOutThePlanOnceTheSpecAsksForIt) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"Full")"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_EQ(LiveBoxes()[0].size, 5);
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/plan").has_value());
}

TEST_F(Adopt, KeepsTheCloudObjectAtDeletionUnlessTheSpecSaysOtherwise) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id, R"(,"managementPolicy":"Full")")));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(LiveBoxes().size(), 1u);
  EXPECT_EQ(Claims(), 0u) << "the claim is released with the object";
  const auto map =
      world.admin().Get(kube::ConfigMapKind(), {"capstan-system", "capstan-abandoned-2026-01"}, {});
  ASSERT_TRUE(map.has_value());
  EXPECT_NE(map->json().find(id), std::string::npos);
}

TEST_F(Adopt, RemovesTheCloudObjectUnderFullAndDelete) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id, R"(,"managementPolicy":"Full","deletionPolicy":"Delete")")));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(boxes().Boxes().empty());
  EXPECT_EQ(Claims(), 0u);
}

TEST_F(Adopt, StaysCarefulWhenSpecAdoptIsRemovedAfterwards) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  ASSERT_TRUE(world.Apply("a", R"("adopt":null)"));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/ObserveOnly");
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(LiveBoxes().size(), 1u);
}

TEST_F(Adopt, ByNameTakesTheOnlyOneOfThatName) {
  (void)PutTheirs("another");
  const std::string id = PutTheirs("wanted");
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("tokenSecret":"token","adopt":{"name":"wanted"})"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_EQ(Field("a", "/status/external/id"), id);
}

TEST_F(Adopt, ByNameListsSeveralAndTakesNone) {
  const std::string first = PutTheirs("twins"), second = PutTheirs("twins");
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("tokenSecret":"token","adopt":{"name":"twins"})"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionRefused"));
  EXPECT_NE(Message("a", "Synced").find(first + ", " + second), std::string::npos) << Message("a", "Synced");
  MustBeUntouched();
}

TEST_F(Adopt, OfAMissingCloudObjectSaysSoAndCreatesNothing) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting("box-99")));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionRefused"));
  ASSERT_TRUE(world.Apply("b", R"("tokenSecret":"token","adopt":{"name":"nobody"})"));
  ASSERT_TRUE(Becomes("b", "Synced", "False/AdoptionRefused"));
  world.RunFor(std::chrono::minutes(5));
  MustBeUntouched();
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_TRUE(Goes("a"));
}

TEST_F(Adopt, OfAnotherAccountsCloudObjectIsRefused) {
  const std::string id = boxes().PutByHand("account-b", "theirs", {});
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionRefused"));
  EXPECT_NE(Message("a", "Synced").find("account-a"), std::string::npos);
}

TEST_F(Adopt, OfAForeignOwnersCloudObjectIsRefused) {
  const std::string id = PutTheirs("theirs", {"capstan:someone", "capstan-owner:another"});
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ForeignOwner"));
  world.RunFor(std::chrono::minutes(5));
  MustBeUntouched();
}

// After deletionPolicy Retain in one cluster, another cluster adopts the cloud object.
TEST_F(Adopt, OfWhatAnotherOperatorAbandonedOnlyNeedsTheTagRemovedThatTheMessageNames) {
  const std::string id = PutTheirs("theirs", {"capstan:gone", "capstan-owner:another", "mine"});
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ForeignOwner"));
  EXPECT_NE(Message("a", "Synced").find("remove the tag capstan-owner:another"), std::string::npos)
      << Message("a", "Synced");
  EXPECT_NE(Message("a", "Synced").find("--owner-id=another"), std::string::npos) << Message("a", "Synced");
  boxes().SetTags(id, {"capstan:gone", "mine"});
  EXPECT_TRUE(Becomes("a", "Ready", "True/Available", std::chrono::minutes(6)));
}

TEST_F(Adopt, OfALiveObjectsCloudObjectIsRefusedEvenWithoutItsTag) {
  MakeReady("a");
  const std::string id = Field("a", "/status/boxID");
  ASSERT_TRUE(world.Apply("b", Adopting(id)));
  ASSERT_TRUE(Becomes("b", "Synced", "False/AdoptionClaimed"));
  EXPECT_NE(Message("b", "Synced").find("shop/a"), std::string::npos);
  boxes().SetTags(id, {});
  ASSERT_TRUE(Becomes("a", "Synced", "False/IdentityTagMissing"));
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(world.ConditionOf("b", "Synced"), "False/AdoptionClaimed");
  EXPECT_EQ(Changes("PUT tags"), 0);
}

TEST_F(Adopt, OfACloudObjectThatIsBeingDeletedIsRefused) {
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.deletion = std::chrono::hours(1);
  boxes().SetOptions(options);
  const std::string id = PutTheirs();
  http::Request request;
  request.method = "DELETE";
  request.url = "https://boxes.test/boxes/" + id;
  request.headers.Set("Authorization", "Bearer token-a");
  const auto asked = world.network().Send(request, {});
  ASSERT_TRUE(asked && asked->status / 100 == 2) << asked->status;
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionRefused"));
  EXPECT_NE(Message("a", "Synced").find("is being deleted"), std::string::npos) << Message("a", "Synced");
  for (const auto& effect : world.effects.effects)
    EXPECT_NE(effect.what.find("PUT boxes.test"), 0u) << "the cloud was queried nevertheless";
}

TEST_F(Adopt, WaitsWhileALiveObjectHoldsTheClaimAndContinuesOnceItIsGone) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("b", R"("tokenSecret":"token","managementPolicy":"Observe")"));
  HoldClaim(id, world.Get("b")->uid(), "boxes.example.test shop/b");
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionClaimed"));
  EXPECT_NE(Message("a", "Synced").find("shop/b"), std::string::npos) << Message("a", "Synced");
  world.RunFor(std::chrono::minutes(5));
  MustBeUntouched();
  ASSERT_TRUE(world.Delete("b"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly", std::chrono::minutes(20)));
  EXPECT_TRUE(HasTag(id, Tag("a")));
  EXPECT_EQ(Holder(id), world.Get("a")->uid());
}

TEST_F(Adopt, ObservesAgainUnderTheClaimBeforeItWritesTags) {
  const std::string id = PutTheirs();
  bool tagged = false;
  world.effects.script = [&](const Effect& effect) {
    if (!tagged && effect.what.find("POST") == 0 && effect.what.find("leases") != std::string::npos) {
      tagged = true;  // an operator of another cluster, which knows nothing of our claims
      boxes().SetTags(id, {"capstan:someone", "capstan-owner:another"});
    }
    return Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ForeignOwner"));
  ASSERT_TRUE(tagged);
  EXPECT_EQ(Changes("PUT tags"), 0);
  EXPECT_TRUE(HasTag(id, "capstan-owner:another"));
  EXPECT_EQ(Claims(), 0u) << "it is released";
}

TEST_F(Adopt, TakesTheClaimOfAnObjectThatWasRecreatedUnderItsName) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("b", R"("tokenSecret":"token","managementPolicy":"Observe")"));
  HoldClaim(id, "the-uid-of-the-former", "boxes.example.test shop/b");
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  EXPECT_EQ(Holder(id), world.Get("a")->uid());
}

TEST_F(Adopt, TakesNoClaimWhoseHolderCannotBeRead) {
  const std::string id = PutTheirs();
  world.StartLife();
  HoldClaim(id, "some-uid", "clusters.elsewhere.test shop/b");
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionClaimed"));
  world.RunFor(std::chrono::minutes(5));
  MustBeUntouched();
  EXPECT_EQ(Holder(id), "some-uid");
}

TEST_F(Adopt, OfTwoThatTakeOverADeadClaimOneComesLate) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("b", R"("tokenSecret":"token","managementPolicy":"Observe")"));
  const std::string other = world.Get("b")->uid();
  HoldClaim(id, "gone", "boxes.example.test shop/gone");
  bool taken = false;
  world.effects.script = [&](const Effect& effect) {
    if (!taken && effect.what.find("PATCH") == 0 && effect.what.find(kClaimPrefix) != std::string::npos) {
      taken = true;  // while the patch of "a" is in flight
      HoldClaim(id, other, "boxes.example.test shop/b");
    }
    return Mishap::kNone;
  };
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionClaimed"));
  EXPECT_TRUE(taken);
  EXPECT_EQ(Holder(id), other);
  MustBeUntouched();
}

TEST_F(Adopt, ReleasesNoClaimButItsOwn) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  HoldClaim(id, "somebody-else", "boxes.example.test shop/b");
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(Holder(id), "somebody-else");
}

TEST_F(Adopt, ByAProviderThatCannotAdoptSaysSoAndReleasesTheClaim) {
  const std::string id = PutTheirs();
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.tags_fixed = true;
  boxes().SetOptions(options);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionRefused"));
  EXPECT_EQ(Claims(), 0u);
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/external/pending").has_value());
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_TRUE(Goes("a"));
}

TEST_F(Adopt, WhoseOutcomeIsUnknownObservesAgain) {
  const std::string id = PutTheirs();
  world.effects.script = [seen = 0](const Effect& effect) mutable {
    if (effect.what.find("PUT boxes.test") != 0) return Mishap::kNone;
    return ++seen == 1 ? Mishap::kTimeoutBefore : seen == 2 ? Mishap::kErrorAfter : Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  EXPECT_EQ(Changes("PUT tags"), 1);
}

TEST_F(Adopt, NamingAnotherOneLaterIsAConditionAndTheSameOneIsNot) {
  const std::string id = PutTheirs(), other = PutTheirs("other");
  MakeReady("mine");
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  ASSERT_TRUE(world.Apply("a", R"("adopt":{"boxID":")" + other + "\"}"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionConflict"));
  EXPECT_EQ(Changes("PUT tags"), 1);
  const std::string mine = Field("mine", "/status/boxID");
  ASSERT_TRUE(world.Apply("mine", R"("adopt":{"boxID":")" + mine + "\"}"));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_EQ(world.ConditionOf("mine", "Synced"), "True/InSync");
}

TEST_F(Adopt, ReconnectsARestoredObjectToItsCloudObject) {
  MakeReady();
  const std::string id = Field("a", "/status/boxID"), former = Tag("a");
  const std::string mirror(*world.Get("a")->Annotation(kExternalAnnotation));
  // As after the loss of the Kubernetes side: the object is gone without any cleanup.
  world.life()->Stop();
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"metadata":{"finalizers":null}})"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(
      world.admin()
          .Create(world.kind, "shop",
                  R"({"apiVersion":"example.test/v1","kind":"Box","metadata":{"name":"a","annotations":{
                          "capstan.dev/external":)" +
                      json::Quote(mirror) + R"(}},"spec":{)" + kSecretSpec + "}}",
                  {})
          .has_value());
  world.StartLife();
  ASSERT_TRUE(Becomes("a", "Synced", "False/AwaitingAdoption"));
  EXPECT_NE(Message("a", "Synced").find(R"({"spec":{"adopt":{"boxID":")" + id), std::string::npos);
  const std::string other = PutTheirs("other");
  ASSERT_TRUE(world.Apply("a", R"("adopt":{"boxID":")" + other + "\"}"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/AwaitingAdoption") << "only the former one is accepted";
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"Full","adopt":{"boxID":")" + id + "\"}"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_TRUE(HasTag(id, Tag("a")));
  EXPECT_FALSE(HasTag(id, former));
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

TEST_F(Adopt, WaitsIfARestoredObjectHadAnAdoptionThatFailed) {
  // The adoption was refused and spec.adopt removed: that does not permit creating a second one.
  world.StartLife();
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.tags_fixed = true;
  boxes().SetOptions(options);
  const std::string id = PutTheirs();
  MakeRestored(id, "account-a");
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionRefused"));
  ASSERT_TRUE(world.Apply("a", R"("adopt":null)"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AwaitingAdoption", std::chrono::minutes(15)));
  EXPECT_EQ(Changes("POST /boxes"), 0);
}

// The tagging request may arrive late; nothing is given back until it no longer can.
class UnknownAdoption : public Adopt {
 protected:
  std::string Begin() {
    const std::string id = PutTheirs();
    world.effects.script = [seen = 0](const Effect& effect) mutable {
      return effect.what.find("PUT boxes.test") == 0 && ++seen == 1 ? Mishap::kTimeoutBefore : Mishap::kNone;
    };
    world.StartLife();
    EXPECT_TRUE(world.Apply("a", Adopting(id)));
    EXPECT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
    return id;
  }
};

TEST_F(UnknownAdoption, ThatIsNoLongerDesiredKeepsItsClaimUntilItIsSettled) {
  (void)Begin();
  ASSERT_TRUE(world.Apply("a", R"("adopt":null,"managementPolicy":"Observe")"));
  world.RunFor(std::chrono::seconds(20));
  EXPECT_EQ(Claims(), 1u);
  world.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Claims(), 0u);
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/external/pending").has_value());
  MustBeUntouched();
}

TEST_F(UnknownAdoption, OfADeletedObjectKeepsItsClaimUntilItIsSettled) {
  (void)Begin();
  ASSERT_TRUE(world.Delete("a"));
  world.RunFor(std::chrono::seconds(20));
  EXPECT_TRUE(world.Get("a"));
  EXPECT_EQ(Claims(), 1u);
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(Claims(), 0u);
}

TEST_F(UnknownAdoption, ReleasesTheFirstBeforeAnotherOneIsClaimed) {
  const std::string first = Begin(), other = PutTheirs("other");
  ASSERT_TRUE(world.Apply("a", R"("adopt":{"boxID":")" + other + "\"}"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  EXPECT_EQ(Field("a", "/status/external/id"), other);
  EXPECT_EQ(Claims(), 1u);
  EXPECT_EQ(Holder(other), world.Get("a")->uid());
  EXPECT_FALSE(HasTag(first, Tag("a")));
}

TEST_F(Adopt, TakesNothingOverIfAnUnansweredCreateMadeACloudObject) {
  const std::string theirs = PutTheirs();
  world.effects.script = [](const Effect& effect) {
    return effect.what == "POST boxes.test/boxes" ? Mishap::kTimeoutAfter : Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
  ASSERT_TRUE(world.Apply("a", R"("adopt":{"boxID":")" + theirs + "\"}"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AdoptionConflict"));
  EXPECT_NE(Field("a", "/status/external/id"), theirs);
  EXPECT_TRUE(HasTag(Field("a", "/status/external/id"), Tag("a"))) << "the created one is recorded";
  EXPECT_EQ(Changes("PUT tags"), 0);
}

TEST_F(Adopt, OfARestoredObjectUsesTheAccountThatItsAnnotationNames) {
  const std::string id = PutTheirs();
  world.StartLife();
  MakeRestored(id, "account-z");
  ASSERT_TRUE(Becomes("a", "Synced", "False/AccountChanged"));
  MustBeUntouched();
}

class Observing : public Adopt {};

TEST_F(Observing, OurOwnCloudObjectChangesNothingShowsThePlanAndKeepsItAtDeletion) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"Observe","size":9,"deletionPolicy":"Delete")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  EXPECT_EQ(Field("a", "/status/plan/steps/0/verb"), "scale");
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("PUT /boxes"), 0);
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(LiveBoxes().size(), 1u);
}

TEST_F(Observing, AMissingCloudObjectCreatesNothing) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", std::string(kSecretSpec) + R"(,"managementPolicy":"Observe")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("POST /boxes"), 0);
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_TRUE(Goes("a"));
}

TEST_F(Observing, ACloudObjectWhoseAnswerWasLostStillRecordsIt) {
  world.effects.script = [](const Effect& effect) {
    return effect.what == "POST boxes.test/boxes" ? Mishap::kTimeoutAfter : Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"Observe")"));
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  EXPECT_EQ(Field("a", "/status/external/id"), LiveBoxes()[0].id);
}

TEST_F(Observing, ALostCloudObjectDoesNotRecreateIt) {
  MakeReady("a", std::string(kSecretSpec) + R"(,"recreateIfLost":true)");
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"Observe")"));
  boxes().VanishBox(Field("a", "/status/boxID"));
  ASSERT_TRUE(Becomes("a", "Ready", "False/Lost"));
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

// Two operators that both believe to be the leader, each reconciling one of two objects that want
// the same box, interleaved in any order.
class Race : public ManagedTest, public ::testing::WithParamInterface<int> {
 protected:
  static simulation::WorldOptions Options() {
    simulation::WorldOptions options;
    options.ignore_lease = true;
    options.policy = SeededSchedule(static_cast<std::uint64_t>(GetParam()));
    options.seed = static_cast<std::uint64_t>(GetParam());
    return options;
  }
  Race() : ManagedTest(Options()), invariants(world) {}
  simulation::Invariants invariants;
};

TEST_P(Race, HasOneWinner) {
  const std::string id = boxes().PutByHand("account-a", "theirs", {"by-hand"});
  // Already in use; otherwise the two would run out of step here.
  ASSERT_TRUE(
      world.Patch(kube::SecretKind(), "token", R"({"metadata":{"finalizers":["capstan.dev/in-use"]}})"));
  ASSERT_TRUE(world.Apply("a", Adopting(id)));
  ASSERT_TRUE(world.Apply("b", Adopting(id)));
  world.effects.script = [](const Effect& effect) {
    const char* others = effect.life == 1 ? "shop/boxes/b" : "shop/boxes/a";
    return effect.what.find(others) != std::string::npos ? Mishap::kErrorBefore : Mishap::kNone;
  };
  world.StartLife();
  world.StartLife();
  world.RunFor(std::chrono::minutes(5));
  const std::string a = Field("a", "/status/external/id"), b = Field("b", "/status/external/id");
  EXPECT_TRUE((a == id && b.empty()) || (b == id && a.empty())) << a << " and " << b;
  const std::string winner = a.empty() ? "b" : "a", loser = a.empty() ? "a" : "b";
  EXPECT_EQ(world.ConditionOf(winner, "Synced"), "False/ObserveOnly");
  EXPECT_EQ(world.ConditionOf(loser, "Synced"), "False/AdoptionClaimed") << Message(loser, "Synced");
  const auto tags = boxes().Boxes()[0].tags;
  EXPECT_NE(std::find(tags.begin(), tags.end(), "capstan:" + world.Get(winner)->uid()), tags.end());
}
INSTANTIATE_TEST_SUITE_P(Seed, Race, ::testing::Range(1, 13));

}  // namespace
}  // namespace capstan::managed
