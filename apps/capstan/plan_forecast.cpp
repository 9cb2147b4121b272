#include <capstan/apps/capstan/plan_forecast.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>

namespace capstan::app {
namespace {

using external::Observed;

// Stands for the uid of an object that no server has made yet. Nothing carries it.
constexpr char kNoUid[] = "00000000-0000-0000-0000-000000000000";

// Credentials that may not ask who they are stand for themselves.
bool IsAccountId(const std::string& account) {
  return !account.empty() && account.rfind("credentials:", 0) != 0;
}

class Forecaster {
 public:
  Forecaster(const ForecastInput& input, const Context& context) : input_(input), context_(context) {
    identity_.tag = managed::kIdentityPrefix + Uid();
    identity_.owner = input.owner;
  }

  Result<Forecast> Make() {
    ReadRecord();
    CAPSTAN_CHECK_OK(CompareAccounts());
    if (input_.live && input_.live->deleting()) return Removal();
    CAPSTAN_CHECK_OK(Look());
    CAPSTAN_CHECK_OK(MakePlan());
    Hold();
    return std::move(forecast_);
  }

 private:
  std::string Uid() const { return input_.live ? input_.live->uid() : std::string(kNoUid); }
  std::string Spec(const std::string& field) const {
    return input_.desired.StringAt("/spec/" + field).value_or("");
  }
  bool SpecSays(const std::string& field) const {
    return input_.desired.BooleanAt("/spec/" + field).value_or(false);
  }
  bool Adopts() const { return input_.desired.ValueAt("/spec/adopt").has_value(); }
  std::string AdoptedId() const {
    return Spec("adopt/" + (input_.info.id_status_field.empty() ? "id" : input_.info.id_status_field));
  }

  std::string Desired(const std::string& name) const {
    auto document = json::MakeObject();
    document->set("name", name.empty() ? input_.desired.metadata().name : name);
    document->set("namespace", input_.desired.metadata().namespace_);
    document->set("uid", Uid());
    auto spec = json::ParseObject(input_.desired.ValueAt("/spec").value_or("{}"));
    if (!spec) spec = json::MakeObject();
    if (!name.empty()) (*spec)->set("name", name);
    document->set("spec", *spec);
    return json::ToText(document);
  }

  // What the operator has written down, in status or in the annotation that outlives a lost status.
  void ReadRecord() {
    if (!input_.live) return;
    id_ = input_.live->StringAt("/status/external/id").value_or("");
    account_ = input_.live->StringAt("/status/external/account").value_or("");
    if (const auto step = input_.live->StringAt("/status/external/pending/step")) {
      forecast_.notes.push_back(StrCat("an attempt to make something (", *step,
                                       ") is open: the operator first finds out what became of it"));
      if (account_.empty()) account_ = input_.live->StringAt("/status/external/pending/account").value_or("");
    }
    const auto mirror = json::ParseObject(input_.live->Annotation(managed::kExternalAnnotation).value_or(""));
    if (!id_.empty() || !mirror) return;
    const std::string id = json::StringIn(*mirror, "id").value_or("");
    if (json::StringIn(*mirror, "uid") == input_.live->uid()) {
      id_ = id;
      account_ = json::StringIn(*mirror, "account").value_or("");
    } else if (!id.empty() && AdoptedId() != id) {
      forecast_.held = StrCat("the object was restored or made again, and stood for ", id,
                              " before: take that over with spec.adopt, or remove annotation ",
                              managed::kExternalAnnotation, " to make a new one");
    }
  }

  Status CompareAccounts() {
    CAPSTAN_TRY(forecast_.account, input_.cloud.WhoAmI(context_));
    const auto& now = forecast_.account;
    if (!IsAccountId(account_) || now.id == account_) return {};
    if (now.id.empty()) {
      forecast_.notes.push_back(
          StrCat("the credentials may not ask for their account; recorded is ", account_));
      return {};
    }
    return Fail(Code::kFailedPrecondition,
                StrCat("the credentials belong to account ", now.id,
                       now.description.empty() ? "" : StrCat(" (", now.description, ")"),
                       ", but what the object stands for is in account ", account_,
                       ": the operator does nothing until it gets credentials of that account"));
  }

  Forecast Removal() {
    forecast_.removal = true;
    const std::string what =
        id_.empty() ? std::string("nothing is recorded that would go with it") : StrCat("cloud object ", id_);
    const std::string policy =
        Spec("deletionPolicy").empty() ? (Adopts() ? "Retain" : "Delete") : Spec("deletionPolicy");
    const bool observes = ManagementPolicy() == "Observe";
    if (id_.empty()) {
      forecast_.notes.push_back(StrCat("the object is being deleted; ", what));
    } else if (policy == "Retain" || observes) {
      forecast_.notes.push_back(
          StrCat("the object is being deleted; ", what, " stays (",
                 policy == "Retain" ? "deletionPolicy Retain" : "managementPolicy Observe", ")"));
    } else if (SpecSays("deletionProtection")) {
      forecast_.notes.push_back(StrCat("the object is being deleted; ", what,
                                       " is kept by spec.deletionProtection until that is false"));
    } else {
      forecast_.notes.push_back(StrCat("the object is being deleted; ", what, " is removed"));
    }
    return std::move(forecast_);
  }

  std::string ManagementPolicy() const {
    const std::string policy = Spec("managementPolicy");
    return policy.empty() ? (Adopts() ? "Observe" : "Full") : policy;
  }

  // Finds what the object stands for.
  Status Look() {
    if (!id_.empty()) return LookAtRecorded();
    if (Adopts()) return LookForAdopted();
    CAPSTAN_TRY(const auto found, input_.cloud.Find(identity_, Desired(""), context_));
    for (const auto& item : found) {
      if (item.identity == identity_.tag) {
        forecast_.observed = item;
        forecast_.notes.push_back(
            StrCat("cloud object ", item.id, " carries our tag and is not recorded yet"));
        return {};
      }
    }
    if (!found.empty()) {
      Held(StrCat(
          "the account has ", found.front().name, " (", found.front().id,
          ") already, which is not this object's: choose another name, or take it over with spec.adopt"));
    }
    return {};
  }

  Status LookAtRecorded() {
    CAPSTAN_TRY(forecast_.observed, input_.cloud.Get(id_, context_));
    if (!forecast_.observed) {
      if (SpecSays("recreateIfLost")) {
        forecast_.notes.push_back(
            StrCat("cloud object ", id_, " is gone; spec.recreateIfLost makes it again"));
      } else {
        Held(StrCat(
            "cloud object ", id_,
            " is gone, and not by the operator's doing: set spec.recreateIfLost to true to make it again"));
      }
      return {};
    }
    CheckTags(*forecast_.observed);
    return {};
  }

  void CheckTags(const Observed& observed) {
    if (input_.info.identity == external::IdentityKept::kNone) return;
    if (observed.identity != identity_.tag) {
      Held(StrCat("cloud object ", observed.id, " does not carry our tag ", identity_.tag,
                  observed.identity.empty() ? "" : StrCat(" but ", observed.identity), ": put the tag back"));
    }
    CheckOwner(observed);
  }

  void CheckOwner(const Observed& observed) {
    if (observed.owner.empty() || input_.owner.empty() || observed.owner == input_.owner) return;
    forecast_.notes.push_back(StrCat("cloud object ", observed.id, " carries the owner tag ", observed.owner,
                                     ", an operator on this cluster has ", input_.owner,
                                     " unless it was started with --owner_id"));
  }

  Status LookForAdopted() {
    const std::string id = AdoptedId(), name = Spec("adopt/name");
    if (!id.empty()) {
      CAPSTAN_TRY(forecast_.observed, input_.cloud.Get(id, context_));
    } else {
      CAPSTAN_TRY(const auto found, input_.cloud.Find(identity_, Desired(name), context_));
      const auto matches =
          std::count_if(found.begin(), found.end(), [&](const auto& o) { return o.name == name; });
      if (matches > 1) {
        Held(StrCat("the account has ", matches, " cloud objects named ", name,
                    ": name one by its id in spec.adopt"));
        return {};
      }
      for (const auto& item : found)
        if (item.name == name) forecast_.observed = item;
    }
    if (!forecast_.observed) {
      Held(StrCat("spec.adopt names ", id.empty() ? name : id, ", which the account does not have"));
      return {};
    }
    const Observed& seen = *forecast_.observed;
    if (!seen.identity.empty() && seen.identity != identity_.tag) {
      forecast_.notes.push_back(StrCat("cloud object ", seen.id, " carries the tag ", seen.identity,
                                       ": it is taken over only if the object of that uid is gone"));
    }
    CheckOwner(seen);
    forecast_.notes.push_back(
        StrCat("cloud object ", seen.id, " (", seen.name,
               ") is taken over first: it gets our tags, and nothing else is changed by that"));
    return {};
  }

  Status MakePlan() {
    // Where something should be and is not, nothing would be made either.
    if (!forecast_.observed && !forecast_.held.empty() && (!id_.empty() || Adopts())) return {};
    // Providers learn prices when they look at what is there; where nothing is, a page of the list does it.
    if (!forecast_.observed) (void)input_.cloud.List("", context_);
    CAPSTAN_TRY(forecast_.plan, input_.cloud.MakePlan(Desired(""), forecast_.observed.value_or(Observed{})));
    return {};
  }

  // An approval holds until all that it covered is done; what that was is written down.
  bool Approved() const {
    if (SpecSays("allowDestructive")) return true;
    const auto given = input_.desired.Annotation(managed::kApproveAnnotation);
    if (!given) return false;
    if (*given == managed::PlanHash(forecast_.plan)) return true;
    if (!input_.live || input_.live->StringAt("/status/external/approval") != *given) return false;
    const std::string covered = input_.live->ValueAt("/status/external/approved").value_or("");
    const auto left = managed::DestructionHashes(forecast_.plan);
    return std::all_of(left.begin(), left.end(), [&covered](const std::string& hash) {
      return covered.find('"' + hash + '"') != std::string::npos;
    });
  }

  void Hold() {
    forecast_.approved = Approved();
    // Whatever is looked at only, or paused, and is as wished for: nobody has to know.
    if (forecast_.plan.steps.empty()) return;
    if (ManagementPolicy() == "Observe")
      Held("managementPolicy is Observe: the operator only looks, set it to Full to have this carried out");
    if (input_.desired.Annotation(managed::kPausedAnnotation) == "true")
      Held(StrCat("annotation ", managed::kPausedAnnotation, " is true: remove it to go on"));
  }

  // The first reason counts: the operator meets them in this order.
  void Held(std::string why) {
    if (forecast_.held.empty()) forecast_.held = std::move(why);
  }

  const ForecastInput& input_;
  const Context& context_;
  external::Identity identity_;
  Forecast forecast_;
  std::string id_, account_;
};

}  // namespace

Result<Forecast> MakeForecast(const ForecastInput& input, const Context& context) {
  return Forecaster(input, context).Make();
}

}  // namespace capstan::app
