// Provokes every reason that requires the user to act, follows the advice in docs/conditions.md and
// in the message literally, and checks that the object recovers. Advice with an "or" has one case
// for each alternative.
#include <functional>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/managed/reasons.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>
#include <capstan/simulation/box_provider.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class Patient;
struct Case {
  std::string name;  // of the test: the remedy
  Reason reason;
  std::function<void(Patient&)> provoke, follow;
  enum Well { kReady, kGone } well = kReady;
  std::function<void(simulation::WorldOptions&)> world = {};
};
std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }

// Boxes that keep nothing that identifies their owner.
class WithoutIdentity final : public external::Provider {
 public:
  explicit WithoutIdentity(http::Transport& transport) : boxes_(transport), manifest_(boxes_.manifest()) {
    manifest_.kinds.front().identity = external::IdentityKept::kNone;
  }
  const external::Manifest& manifest() const override { return manifest_; }
  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context& context) override {
    return boxes_.Connect(kind, credentials, context);
  }

 private:
  simulation::BoxProvider boxes_;
  external::Manifest manifest_;
};
class BoxesWithoutIdentity final : public simulation::SimulatedBoxes {
 public:
  using SimulatedBoxes::SimulatedBoxes;
  std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport, Scheduler&) const override {
    return std::make_unique<WithoutIdentity>(transport);
  }
};

class Patient : public ManagedTest, public testing::WithParamInterface<Case> {
 public:
  Patient() : ManagedTest(Options()) {}
  using ManagedTest::boxes;
  using ManagedTest::Field;
  using ManagedTest::Goes;
  using ManagedTest::kSecretSpec;
  using ManagedTest::LiveBoxes;
  using ManagedTest::MakeReady;
  using ManagedTest::Message;
  using ManagedTest::world;

  std::string id(const std::string& name = "a") { return Field(name, "/status/external/id"); }
  std::string uid(const std::string& name = "a") { return world.Get(name)->uid(); }
  std::string PutTheirs(const std::string& name = "theirs", std::vector<std::string> tags = {}) {
    return boxes().PutByHand("account-a", name, std::move(tags));
  }
  void Begin(const std::string& spec = kSecretSpec, const std::string& name = "a") {
    if (world.life() == nullptr) world.StartLife();
    ASSERT_TRUE(world.Apply(name, spec));
  }
  void Edit(const std::string& spec, const std::string& name = "a") { ASSERT_TRUE(world.Apply(name, spec)); }
  void Annotate(const std::string& key, const std::string& value, const std::string& name = "a") {
    ASSERT_TRUE(world.Patch(world.kind, name,
                            StrCat(R"({"metadata":{"annotations":{")", key,
                                   "\":", value.empty() ? "null" : "\"" + value + "\"", "}}}")));
  }
  void Delete(const std::string& name = "a") { ASSERT_TRUE(world.Delete(name)); }
  void Cloud(const std::function<void(simulation::BoxCloudOptions&)>& change) {
    auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
    change(options);
    boxes().SetOptions(options);
  }
  void CloudAsItWas() {
    Cloud([](auto&) {});
  }
  // The text of Synced's message between two others; fails if it is not there.
  std::string Advised(const std::string& before, const std::string& after) {
    const std::string message = Message("a", "Synced");
    const auto from = message.find(before);
    const auto begin = from + before.size();
    const auto end = from == std::string::npos ? from : message.find(after, begin);
    EXPECT_NE(end, std::string::npos) << "no \"" << before << "…" << after << "\" in: " << message;
    return end == std::string::npos ? "" : message.substr(begin, end - begin);
  }
  // Applies the merge patch of a kubectl line in the message.
  void FollowPatchLine() {
    const std::string patch = Advised("-p '", "'");
    ASSERT_TRUE(world.Patch(world.kind, "a", patch)) << patch;
  }
  testing::AssertionResult Says(const ReasonInfo& info) {
    const std::string type(info.condition), end = "/" + std::string(info.name);
    if (world.RunUntil([&] { return world.ConditionOf("a", type).ends_with(end); }, std::chrono::minutes(40)))
      return testing::AssertionSuccess();
    return testing::AssertionFailure()
           << type << " is " << world.ConditionOf("a", type) << ": " << Message("a", type);
  }
  testing::AssertionResult IsWell() {
    const auto well = [&] {
      return world.ConditionOf("a", "Ready") == "True/Available" &&
             (world.ConditionOf("a", "Synced") == "True/InSync" ||
              world.ConditionOf("a", "Synced") == "True/ReadOnly");
    };
    if (world.RunUntil(well, std::chrono::minutes(20))) return testing::AssertionSuccess();
    return testing::AssertionFailure()
           << "Ready is " << world.ConditionOf("a", "Ready") << ": " << Message("a", "Ready")
           << "\nSynced is " << world.ConditionOf("a", "Synced") << ": " << Message("a", "Synced");
  }

 private:
  static simulation::WorldOptions Options() {
    simulation::WorldOptions options;
    if (GetParam().world) GetParam().world(options);
    return options;
  }
};

void Strike(Patient& t, const std::string& what, Mishap mishap) {
  t.world.effects.script = [what, mishap, done = false](const Effect& effect) mutable {
    if (done || effect.what.rfind(what, 0) != 0) return Mishap::kNone;
    done = true;
    return mishap;
  };
}
void RefuseWrites(Patient& t) {
  t.world.effects.script = [](const Effect& effect) {
    return effect.what.rfind("PATCH /apis/example.test/v1/namespaces/shop/boxes/a", 0) == 0 &&
                   !effect.what.ends_with("/status")
               ? Mishap::kInvalid
               : Mishap::kNone;
  };
}
// As after the loss of the Kubernetes side: the object is recreated from a backup.
void Restore(Patient& t) {
  t.MakeReady();
  const std::string mirror(*t.world.Get("a")->Annotation(kExternalAnnotation));
  t.world.life()->Stop();
  ASSERT_TRUE(t.world.Patch(t.world.kind, "a", R"({"metadata":{"finalizers":null}})"));
  ASSERT_TRUE(t.world.Delete("a"));
  ASSERT_TRUE(
      t.world.admin().Create(t.world.kind, "shop",
                             StrCat(R"({"apiVersion":"example.test/v1","kind":"Box","metadata":{"name":"a",)",
                                    R"("annotations":{"capstan.dev/external":)", json::Quote(mirror),
                                    R"(}},"spec":{)", Patient::kSecretSpec, "}}"),
                             {}));
  t.world.StartLife();
}
// Several cloud objects carry our tag; the oldest is kept.
void MakeSurplus(Patient& t) {
  t.world.effects.script = [](const Effect& effect) {
    return effect.cloud ? Mishap::kErrorBefore : Mishap::kNone;
  };
  t.Begin(R"("size":1,"tokenSecret":"token")");
  ASSERT_TRUE(t.world.RunUntil([&] { return t.world.ConditionOf("a", "Synced") == "False/CloudUnavailable"; },
                               std::chrono::minutes(5)));
  for (int i = 0; i < 2; ++i) {
    (void)t.PutTheirs("a", {"capstan:" + t.uid(), "capstan-owner:owner-1"});
    t.world.scheduler.RunFor(std::chrono::seconds(5));
  }
  t.world.effects.script = nullptr;
}
// The token could never read its account, another token replaced it, and the box vanished.
void LoseAccount(Patient& t) {
  t.Cloud([](auto& o) {
    o.account_readable = false;
    o.accounts["token-c"] = "account-a";
  });
  t.MakeReady();
  t.boxes().VanishBox(t.id());
  ASSERT_TRUE(t.world.MakeSecret("token", "token-c"));
}
std::string Adopting(const std::string& id) {
  return R"("tokenSecret":"token","managementPolicy":"Full","adopt":{"boxID":")" + id + "\"}";
}
void TwoAdopt(Patient& t) {
  t.MakeReady("b");
  t.Begin(Adopting(t.id("b")));
}

std::vector<Case> Cases() {
  using P = Patient;
  return {
      {"PendingReadsSynced", Reason::kPending, [](P& t) { t.Begin(R"("size":3,"tokenSecret":"later")"); },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("kubectl create secret generic later"), std::string::npos);
         ASSERT_TRUE(t.world.MakeSecret("later", "token-a"));
       }},
      {"DegradedReadsTheCloudsWords", Reason::kDegraded,
       [](P& t) {
         t.MakeReady();
         t.boxes().SetFault(t.id(), "degraded");
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Ready").find("a side of the box is degraded"), std::string::npos);
         t.boxes().SetFault(t.id(), "");
       }},
      {"FailedIsRepairedInTheCloud", Reason::kFailed,
       [](P& t) {
         t.MakeReady();
         t.boxes().SetFault(t.id(), "failed");
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Ready").find("a side of the box is failed"), std::string::npos);
         t.boxes().SetFault(t.id(), "");
       }},
      {"FailedIsReplaced", Reason::kFailed,
       [](P& t) {
         t.MakeReady();
         t.boxes().SetFault(t.id(), "failed");
       },
       [](P& t) {
         t.Delete();
         ASSERT_TRUE(t.Goes("a"));
         t.Begin();
       }},
      {"LostIsMadeAgain", Reason::kLost,
       [](P& t) {
         t.MakeReady();
         t.boxes().VanishBox(t.id());
       },
       [](P& t) { t.Edit(R"("recreateIfLost":true)"); }},
      {"LostIsDeleted", Reason::kLost,
       [](P& t) {
         t.MakeReady();
         t.boxes().VanishBox(t.id());
       },
       [](P& t) { t.Delete(); }, Case::kGone},
      {"LostAndAdoptedIsMadeAgainAsTheMessageSays", Reason::kLost,
       [](P& t) {
         const std::string theirs = t.PutTheirs();
         t.Begin(Adopting(theirs));
         ASSERT_TRUE(t.IsWell());
         t.boxes().VanishBox(theirs);
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("remove spec.adopt"), std::string::npos);
         t.Edit(R"("adopt":null,"managementPolicy":"Full","recreateIfLost":true)");
       }},
      {"ApprovalNeededIsApproved", Reason::kApprovalNeeded,
       [](P& t) {
         t.MakeReady();
         t.Edit(R"("size":1)");
       },
       [](P& t) { t.Annotate("capstan.dev/approve", t.Field("a", "/status/plan/hash")); }},
      {"ApprovalNeededIsAllowed", Reason::kApprovalNeeded,
       [](P& t) {
         t.MakeReady();
         t.Edit(R"("size":1)");
       },
       [](P& t) { t.Edit(R"("allowDestructive":true)"); }},
      {"UpdateUnsupportedGoesBackInTheSpec", Reason::kUpdateUnsupported,
       [](P& t) {
         t.MakeReady();
         t.Edit(R"("color":"blue")");
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("red"), std::string::npos) << t.Message("a", "Synced");
         t.Edit(R"("color":"red")");
       }},
      {"UpdateUnsupportedGoesBackInTheCloud", Reason::kUpdateUnsupported,
       [](P& t) {
         t.MakeReady();
         t.boxes().SetColor(t.id(), "green");
       },
       [](P& t) { t.boxes().SetColor(t.id(), "red"); }},
      {"UpdateRejectedIsFixedInTheSpec", Reason::kUpdateRejected,
       [](P& t) {
         t.MakeReady();
         t.Edit(R"("size":0,"allowDestructive":true)");
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("size must be at least 1"), std::string::npos);
         t.Edit(R"("size":4)");
       }},
      {"CreateRejectedIsFixedInTheSpec", Reason::kCreateRejected,
       [](P& t) { t.Begin(R"("size":0,"tokenSecret":"token")"); },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("size must be at least 1"), std::string::npos);
         t.Edit(R"("size":4)");
       }},
      {"DeletionRejectedDoesWhatTheMessageSays", Reason::kDeletionRejected,
       [](P& t) {
         t.MakeReady();
         t.Edit(R"("deletionPolicy":"Retian")");
         t.Delete();
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("spec.deletionPolicy is \"Retian\""), std::string::npos)
             << t.Message("a", "Synced");
         t.Edit(R"("deletionPolicy":"Delete")");
       },
       Case::kGone},
      {"DeletionRejectedIsAbandoned", Reason::kDeletionRejected,
       [](P& t) {
         t.MakeReady();
         t.Cloud([](auto& o) { o.refusals["DELETE /boxes"] = 422; });
         t.Delete();
       },
       [](P& t) { t.Annotate("capstan.dev/abandon", t.id()); }, Case::kGone},
      {"DeletionProtectedIsLifted", Reason::kDeletionProtected,
       [](P& t) {
         t.MakeReady();
         t.Edit(R"("deletionProtection":true)");
         t.Delete();
       },
       [](P& t) { t.Edit(R"("deletionProtection":false)"); }, Case::kGone},
      {"DeletionProtectedIsRetained", Reason::kDeletionProtected,
       [](P& t) {
         t.MakeReady();
         t.Edit(R"("deletionProtection":true)");
         t.Delete();
       },
       [](P& t) { t.Edit(R"("deletionPolicy":"Retain")"); }, Case::kGone},
      {"OutcomeUnknownIsWaitedFor", Reason::kOutcomeUnknown,
       [](P& t) {
         Strike(t, "POST boxes.test/boxes", Mishap::kTimeoutAfter);
         t.Begin();
       },
       [](P&) {}},
      {"OutcomeUnknownIsResolvedWithTheId", Reason::kOutcomeUnknown,
       [](P& t) {
         Strike(t, "POST boxes.test/boxes", Mishap::kTimeoutAfter);
         t.Begin();
       },
       [](P& t) {
         const std::string value = t.Advised("capstan.dev/resolve=", "none");
         t.Annotate("capstan.dev/resolve", value + t.LiveBoxes().at(0).id);
       },
       Case::kReady,
       [](auto& o) {
         o.make_cloud = [](const auto& setting, const Clock& clock) {
           return std::make_unique<BoxesWithoutIdentity>(setting, clock);
         };
       }},
      {"OutcomeUnknownIsResolvedWithNone", Reason::kOutcomeUnknown,
       [](P& t) {
         Strike(t, "POST boxes.test/boxes", Mishap::kTimeoutBefore);
         t.Begin();
       },
       [](P& t) { t.Annotate("capstan.dev/resolve", t.Advised("capstan.dev/resolve=", "none") + "none"); },
       Case::kReady,
       [](auto& o) {
         o.make_cloud = [](const auto& setting, const Clock& clock) {
           return std::make_unique<BoxesWithoutIdentity>(setting, clock);
         };
       }},
      {"NameTakenChoosesAnotherName", Reason::kNameTaken,
       [](P& t) {
         (void)t.PutTheirs("a");
         t.Begin();
       },
       [](P& t) { t.Edit(R"("name":"another")"); }},
      {"NameTakenRemovesTheOtherOne", Reason::kNameTaken,
       [](P& t) {
         (void)t.PutTheirs("a");
         t.Begin();
       },
       [](P& t) { t.boxes().VanishBox(t.LiveBoxes().at(0).id); }},
      {"NameTakenTakesTheOtherOneOver", Reason::kNameTaken,
       [](P& t) {
         (void)t.PutTheirs("a");
         t.Begin(R"("tokenSecret":"token","managementPolicy":"Full")");
       },
       [](P& t) { t.FollowPatchLine(); }},
      {"AwaitingAdoptionIsAdopted", Reason::kAwaitingAdoption, Restore,
       [](P& t) {
         t.FollowPatchLine();
         t.Edit(R"("managementPolicy":"Full")");
       }},
      {"AwaitingAdoptionMakesANewOne", Reason::kAwaitingAdoption, Restore,
       [](P& t) {
         t.boxes().VanishBox(t.LiveBoxes().at(0).id);  // otherwise its name would be taken
         t.Annotate("capstan.dev/external", "");
       }},
      {"AdoptionClaimedTakesTheWishAway", Reason::kAdoptionClaimed, TwoAdopt,
       [](P& t) { t.Edit(R"("adopt":null)"); }},
      {"AdoptionClaimedMovesIt", Reason::kAdoptionClaimed, TwoAdopt,
       [](P& t) {
         t.Edit(R"("deletionPolicy":"Retain")", "b");
         t.Delete("b");
         ASSERT_TRUE(t.Goes("b"));
       }},
      {"AdoptionRefusedIsCorrected", Reason::kAdoptionRefused,
       [](P& t) {
         (void)t.PutTheirs();
         t.Begin(Adopting("box-99"));
       },
       [](P& t) { t.Edit(R"("adopt":{"boxID":")" + t.LiveBoxes().at(0).id + "\"}"); }},
      {"AdoptionRefusedForANameIsGivenAnId", Reason::kAdoptionRefused,
       [](P& t) {
         (void)t.PutTheirs("twins");
         (void)t.PutTheirs("twins");
         t.Begin(R"("tokenSecret":"token","managementPolicy":"Full","adopt":{"name":"twins"})");
       },
       [](P& t) { t.FollowPatchLine(); }},
      {"AdoptionConflictIsReverted", Reason::kAdoptionConflict,
       [](P& t) {
         const std::string one = t.PutTheirs(), other = t.PutTheirs("other");
         t.Begin(Adopting(one));
         ASSERT_TRUE(t.IsWell());
         t.Edit(R"("adopt":{"boxID":")" + other + "\"}");
       },
       [](P& t) { t.Edit(R"("adopt":{"boxID":")" + t.id() + "\"}"); }},
      {"ObserveOnlyIsSetToFull", Reason::kObserveOnly,
       [](P& t) { t.Begin(R"("tokenSecret":"token","size":5,"adopt":{"boxID":")" + t.PutTheirs() + "\"}"); },
       [](P& t) {
         EXPECT_EQ(t.Field("a", "/status/plan/differences/0/field"), "spec.size");
         t.Edit(R"("managementPolicy":"Full")");
       }},
      {"IdentityTagMissingIsPutBack", Reason::kIdentityTagMissing,
       [](P& t) {
         t.MakeReady();
         t.boxes().SetTags(t.id(), {});
       },
       [](P& t) { t.boxes().SetTags(t.id(), {t.Advised("our tag ", " any more")}); }},
      {"IdentityTagMissingIsLetGo", Reason::kIdentityTagMissing,
       [](P& t) {
         t.MakeReady();
         t.boxes().SetTags(t.id(), {});
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("annotation capstan.dev/abandon=" + t.id()),
                   std::string::npos);
         t.Annotate("capstan.dev/abandon", t.id());
         t.Delete();
       },
       Case::kGone},
      {"ForeignOwnerLosesTheTagThatTheMessageNames", Reason::kForeignOwner,
       [](P& t) {
         t.MakeReady();
         t.boxes().SetTags(t.id(), {"capstan:" + t.uid(), "capstan-owner:another"});
       },
       [](P& t) {
         EXPECT_EQ(t.Advised("remove the tag ", " from it"), "capstan-owner:another");
         t.boxes().SetTags(t.id(), {"capstan:" + t.uid()});
       }},
      {"SurplusObjectsAreDeletedInTheCloud", Reason::kSurplusObjects, MakeSurplus,
       [](P& t) {
         const std::string message = t.Message("a", "Synced");
         for (const auto& box : t.LiveBoxes())
           if (box.id != t.id() && message.find(box.id) != std::string::npos) t.boxes().VanishBox(box.id);
       }},
      {"CredentialsMissingAreMade", Reason::kCredentialsMissing,
       [](P& t) { t.Begin(R"("size":3,"tokenSecret":"later")"); },
       [](P& t) {
         EXPECT_EQ(t.Advised("kubectl create secret generic ", " --from-literal=token=..."), "later -n shop");
         ASSERT_TRUE(t.world.MakeSecret("later", "token-a"));
       }},
      {"CredentialsForbiddenAreAllowed", Reason::kCredentialsForbidden,
       [](P& t) {
         ASSERT_TRUE(t.world.admin().Create(
             kube::SecretKind(), "capstan-system",
             R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"theirs"},"data":{"token":"dG9rZW4tYQ=="}})",
             {}));
         t.Begin(R"("size":3,"tokenSecret":"capstan-system/theirs")");
       },
       [](P& t) {
         const std::string line = t.Message("a", "Synced");
         EXPECT_NE(
             line.find("kubectl annotate secret theirs -n capstan-system capstan.dev/allow-namespaces=shop"),
             std::string::npos)
             << line;
         ASSERT_TRUE(t.world.admin().Patch(
             kube::SecretKind(), {"capstan-system", "theirs"}, kube::PatchType::kMerge,
             R"({"metadata":{"annotations":{"capstan.dev/allow-namespaces":"shop"}}})", {}, {}));
       }},
      {"UnauthenticatedGetsAValidToken", Reason::kUnauthenticated,
       [](P& t) {
         ASSERT_TRUE(t.world.MakeSecret("token", "expired"));
         t.Begin();
       },
       [](P& t) { ASSERT_TRUE(t.world.MakeSecret("token", "token-a")); }},
      {"PermissionDeniedIsGranted", Reason::kPermissionDenied,
       [](P& t) {
         t.Cloud([](auto& o) { o.refusals["POST /boxes"] = 403; });
         t.Begin();
       },
       [](P& t) { t.CloudAsItWas(); }},
      {"RateLimitedPasses", Reason::kRateLimited,
       [](P& t) {
         t.Cloud([](auto& o) { o.refusals["POST /boxes"] = 429; });
         t.Begin();
       },
       [](P& t) { t.CloudAsItWas(); }},
      {"CloudUnavailablePasses", Reason::kCloudUnavailable,
       [](P& t) {
         t.MakeReady();
         t.world.effects.script = [](const Effect& effect) {
           return effect.cloud ? Mishap::kErrorBefore : Mishap::kNone;
         };
       },
       [](P& t) { t.world.effects.script = nullptr; }},
      {"AccountChangedGetsTheFormerCredentials", Reason::kAccountChanged,
       [](P& t) {
         t.MakeReady();
         ASSERT_TRUE(t.world.MakeSecret("token", "token-b"));
       },
       [](P& t) { ASSERT_TRUE(t.world.MakeSecret("token", "token-a")); }},
      {"AccountUnknownIsAllowedToBeRead", Reason::kAccountUnknown,
       [](P& t) {
         t.MakeReady("a", std::string(P::kSecretSpec) + R"(,"recreateIfLost":true)");
         t.boxes().VanishBox(t.id());
         t.Cloud([](auto& o) {
           o.account_readable = false;
           o.accounts["token-c"] = "account-a";
         });
         ASSERT_TRUE(t.world.MakeSecret("token", "token-c"));
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("Let the token read the account"), std::string::npos);
         // Like a token of the same account that has the permission.
         t.Cloud([](auto& o) { o.accounts["token-d"] = "account-a"; });
         ASSERT_TRUE(t.world.MakeSecret("token", "token-d"));
       }},
      {"AccountUnknownGetsTheFormerToken", Reason::kAccountUnknown, LoseAccount,
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("Put the former token back"), std::string::npos);
         EXPECT_EQ(t.Message("a", "Synced").find("read the account,"), std::string::npos)
             << "that would not help: " << t.Message("a", "Synced");
         ASSERT_TRUE(t.world.MakeSecret("token", "token-a"));
         t.Edit(R"("recreateIfLost":true)");
       }},
      {"AccountUnknownIsLetGo", Reason::kAccountUnknown, LoseAccount,
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("annotation capstan.dev/abandon=" + t.id()),
                   std::string::npos);
         t.Annotate("capstan.dev/abandon", t.id());
         t.Delete();
       },
       Case::kGone},
      {"ConnectionSecretTakenIsDeleted", Reason::kConnectionSecretTaken,
       [](P& t) {
         ASSERT_TRUE(t.world.MakeSecret("a-key", "theirs"));
         t.Begin();
       },
       [](P& t) {
         ASSERT_TRUE(t.world.admin().Delete(kube::SecretKind(), {"shop", "a-key"}, {}, {}));
       }},
      {"ConnectionUnavailableReadsTheMessage", Reason::kConnectionUnavailable,
       [](P& t) {
         t.MakeReady("a", std::string(P::kSecretSpec) + R"(,"keySecret":{"keys":{"nosuch":"x"}})");
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("there is only key"), std::string::npos)
             << t.Message("a", "Synced");
         t.Edit(R"("keySecret":{"keys":{"nosuch":null,"key":"x"}})");
       }},
      {"CRDOutdatedGetsTheCurrentCrd", Reason::kCRDOutdated, [](P& t) { t.Begin(); },
       [](P& t) {
         ASSERT_TRUE(t.world.admin().Patch(kube::CustomResourceDefinitionKind(), {"", "boxes.example.test"},
                                           kube::PatchType::kMerge, simulation::BoxCrd(), {}, {}));
       },
       Case::kReady, [](auto& o) { o.crd = simulation::OldBoxCrd(); }},
      {"CRDDeletedIsAbandoned", Reason::kCRDDeleted,
       [](P& t) {
         t.MakeReady();
         ASSERT_TRUE(t.world.admin().Delete(kube::CustomResourceDefinitionKind(), {"", "boxes.example.test"},
                                            {}, {}));
         t.world.life()->ReconcileAll();
       },
       [](P& t) { t.Annotate("capstan.dev/abandon", t.id()); }, Case::kGone},
      {"CRDDeletedMayDeleteInTheCloudToo", Reason::kCRDDeleted,
       [](P& t) {
         t.MakeReady();
         ASSERT_TRUE(t.world.admin().Delete(kube::CustomResourceDefinitionKind(), {"", "boxes.example.test"},
                                            {}, {}));
         t.world.life()->ReconcileAll();
       },
       [](P& t) {
         t.world.life()->Stop();
         t.world.options.managed.allow_crd_deletion = true;
         t.world.StartLife();
         ASSERT_TRUE(t.world.RunUntil([&] { return t.LiveBoxes().empty(); }, std::chrono::minutes(5)));
       },
       Case::kGone},
      {"PausedGoesOn", Reason::kPaused,
       [](P& t) {
         t.MakeReady();
         t.Annotate("capstan.dev/paused", "true");
         t.Edit(R"("size":8)");
       },
       [](P& t) { t.Annotate("capstan.dev/paused", ""); }},
      {"SpecInvalidIsCorrected", Reason::kSpecInvalid,
       [](P& t) {
         t.MakeReady();
         t.Edit(R"("managementPolicy":"observe")");
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("spec.managementPolicy"), std::string::npos);
         t.Edit(R"("managementPolicy":"Full")");
       }},
      {"WriteRefusedIsLetThrough", Reason::kWriteRefused,
       [](P& t) {
         RefuseWrites(t);
         t.Begin();
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("simulated BadRequest"), std::string::npos) << "its words";
         t.world.effects.script = nullptr;
       }},
      {"ReferenceNotFoundIsCorrected", Reason::kReferenceNotFound,
       [](P& t) {
         (void)t.PutTheirs();
         t.Begin(R"("tokenSecret":"token","managementPolicy":"ReadOnly","adopt":{"boxID":"box-99"})");
       },
       [](P& t) {
         EXPECT_NE(t.Message("a", "Synced").find("box-99"), std::string::npos) << t.Message("a", "Synced");
         t.Edit(R"("adopt":{"boxID":")" + t.LiveBoxes().at(0).id + "\"}");
       }},
      {"CreatingTooLongIsObservedOn", Reason::kCreatingTooLong, [](P& t) { t.Begin(); },
       [](P& t) { t.CloudAsItWas(); }, Case::kReady,
       [](auto& o) {
         o.make_cloud = [](const auto& setting, const Clock& clock) {
           auto cloud = std::make_unique<simulation::SimulatedBoxes>(setting, clock);
           auto boxes = simulation::SimulatedBoxes::Options(setting);
           boxes.provisioning = std::chrono::hours(2);
           cloud->cloud().SetOptions(boxes);
           return cloud;
         };
       }},
  };
}

using Remedy = Patient;
TEST_P(Remedy, HelpsWhenFollowed) {
  const ReasonInfo& info = AllReasons()[static_cast<std::size_t>(GetParam().reason)];
  GetParam().provoke(*this);
  ASSERT_TRUE(Says(info));
  GetParam().follow(*this);
  if (HasFatalFailure()) return;
  if (GetParam().well == Case::kGone) {
    EXPECT_TRUE(Goes("a", std::chrono::minutes(20)));
  } else {
    EXPECT_TRUE(IsWell());
  }
}
INSTANTIATE_TEST_SUITE_P(Of, Remedy, testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

TEST(Remedies, AreTestedForEveryReasonThatRequiresAction) {
  std::set<Reason> tried;
  for (const Case& one : Cases()) tried.insert(one.reason);
  for (const ReasonInfo& info : AllReasons())
    EXPECT_EQ(tried.count(info.reason), info.remedy.empty() ? 0u : 1u) << info.name;
}

}  // namespace
}  // namespace capstan::managed
