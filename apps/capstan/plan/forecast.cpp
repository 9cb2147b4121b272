#include <capstan/apps/capstan/plan/forecast.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/connection_secret.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>
#include <capstan/core/managed/policy.hpp>
#include <capstan/core/managed/record.hpp>

namespace capstan::app {
namespace {

using external::Observed;

// Placeholder for the uid of an object that does not exist yet. No cloud object has this tag.
constexpr char kNoUid[] = "00000000-0000-0000-0000-000000000000";

class Forecaster {
 public:
  Forecaster(const ForecastInput& input, const Context& context)
      : input_(input),
        context_(context),
        requested_(managed::RequestedAdoption(input.desired, input.info)),
        desired_(managed::DesiredDocument(input.desired)) {
    identity_.tag = managed::kIdentityPrefix + (input.live ? input.live->uid() : std::string(kNoUid));
    identity_.owner = input.owner;
    if (input.live) record_ = managed::ReadRecord(*input.live);
  }

  Result<Forecast> Make() {
    if (record_.pending) {
      forecast_.notes.push_back(StrCat("an attempt to create something (", record_.pending->step,
                                       ") has an unknown outcome: the operator finds it out first"));
    }
    CAPSTAN_RETURN_IF_ERROR(CompareAccounts());
    if (input_.live && input_.live->deleting()) return Removal();
    if (managed::RefersOnly(input_.desired)) return Reference();
    CAPSTAN_RETURN_IF_ERROR(Look());
    CAPSTAN_RETURN_IF_ERROR(MakePlan());
    NoteBelongings();
    Hold();
    return std::move(forecast_);
  }

 private:
  bool SpecSays(const std::string& field) const {
    return input_.desired.BooleanAt("/spec/" + field).value_or(false);
  }
  bool Observes() const { return managed::ObservesOnly(input_.desired, record_); }

  Status CompareAccounts() {
    CAPSTAN_TRY(forecast_.account, input_.cloud.WhoAmI(context_));
    const auto& now = forecast_.account;
    // An intent records the account of its request.
    const std::string& recorded =
        record_.id.empty() && record_.pending ? record_.pending->account : record_.account;
    if (!managed::IsAccountId(recorded) || now.id == recorded) return {};
    if (now.id.empty()) {
      forecast_.notes.push_back(
          StrCat("the credentials may not read their account; the recorded account is ", recorded));
      return {};
    }
    return Fail(Code::kFailedPrecondition,
                StrCat("the credentials belong to account ", now.id,
                       now.description.empty() ? "" : StrCat(" (", now.description, ")"),
                       ", but the object's cloud object is in account ", recorded,
                       ": the operator does nothing until it has credentials of that account"));
  }

  // managementPolicy ReadOnly: there is never a plan.
  Result<Forecast> Reference() {
    if (!record_.id.empty()) {
      CAPSTAN_RETURN_IF_ERROR(LookAtRecorded());
    } else {
      const managed::AdoptionRequest requested = managed::Reference(input_.desired, input_.info);
      CAPSTAN_RETURN_IF_ERROR(requested.id.empty() ? LookForName(requested.name, false)
                                                   : LookForId(requested.id));
      if (!forecast_.observed)
        Held(StrCat("the object refers to ", requested.id.empty() ? requested.name : requested.id,
                    ", which the account does not have"));
    }
    if (const std::string invalid = managed::InvalidCoreField(input_.desired, input_.info); !invalid.empty())
      Held(invalid);
    if (forecast_.observed) {
      forecast_.notes.push_back(StrCat("managementPolicy is ReadOnly: cloud object ", forecast_.observed->id,
                                       " is only observed: never tagged, compared, changed or deleted"));
    }
    return std::move(forecast_);
  }

  Status LookForId(const std::string& id) {
    CAPSTAN_TRY(forecast_.observed, input_.cloud.Get(id, context_));
    return {};
  }

  Forecast Removal() {
    forecast_.removal = true;
    const std::string what = StrCat("cloud object ", record_.id);
    std::string fate;
    if (record_.id.empty()) {
      fate = "no recorded cloud object is deleted with it";
    } else if (Observes()) {
      fate = StrCat(what, " stays (managementPolicy ", managed::ObservingPolicy(input_.desired), ")");
    } else if (managed::Retains(input_.desired, record_)) {
      fate = StrCat(what, " stays (deletionPolicy Retain)");
    } else if (SpecSays("deletionProtection")) {
      fate = StrCat(what, " is kept by spec.deletionProtection until that is false");
    } else if (const std::string invalid = managed::InvalidCoreField(input_.desired, input_.info);
               !invalid.empty()) {
      fate = StrCat(what, " is kept until the spec is valid: ", invalid);
    } else {
      fate = StrCat(what, " is removed");
    }
    forecast_.notes.push_back(StrCat("the object is being deleted; ", fate));
    NoteBelongings();
    return std::move(forecast_);
  }

  // Resources created through the cloud object: some would survive its deletion.
  void NoteBelongings() {
    if (record_.id.empty() || Observes() || managed::Retains(input_.desired, record_)) return;
    const auto all = input_.cloud.ListAssociated(record_.id, context_);
    if (!all) {
      if (all.error().code == Code::kUnimplemented) return;  // the kind has no such resources
      forecast_.notes.push_back(
          StrCat("what was created through cloud object ", record_.id,
                 " and would stay behind without it cannot be listed: ", all.error().message));
      return;
    }
    std::vector<external::Associated> staying, going;
    for (const auto& item : *all)
      (managed::IsDeletedWithIt(input_.desired, item) ? going : staying).push_back(item);
    const std::string when = forecast_.removal ? "" : "when this object is deleted, ";
    if (!staying.empty()) {
      forecast_.notes.push_back(
          StrCat(when, "these stay behind and keep costing money: ", managed::DescribeAssociated(staying),
                 "; see spec.associatedResources"));
    }
    if (!going.empty())
      forecast_.notes.push_back(StrCat(when, "these go with it: ", managed::DescribeAssociated(going)));
  }

  // Finds the cloud object of this object.
  Status Look() {
    if (!record_.id.empty()) return LookAtRecorded();
    if (requested_) return LookForAdopted();
    CompareWithEarlier("");
    CAPSTAN_TRY(const auto found, input_.cloud.Find(identity_, desired_, context_));
    for (const auto& item : found) {
      if (item.identity == identity_.tag) {
        forecast_.observed = item;
        forecast_.notes.push_back(
            StrCat("cloud object ", item.id, " carries our tag and is not recorded yet"));
        return {};
      }
    }
    if (!found.empty()) {
      Held(
          StrCat("the account has ", found.front().name, " (", found.front().id,
                 ") already, and it is not this object's: choose another name, or adopt it with spec.adopt"));
    }
    return {};
  }

  // A restored object, or one created again with the same name, may have managed a cloud object
  // before.
  void CompareWithEarlier(const std::string& id) {
    const auto mirror = input_.live ? managed::ReadMirror(*input_.live) : std::nullopt;
    if (!mirror || mirror->id.empty() || mirror->uid == input_.live->uid() || mirror->id == id) return;
    Held(StrCat("the object was restored or created again; it stood for ", mirror->id,
                " before: adopt that with spec.adopt, or remove annotation ", managed::kExternalAnnotation,
                " to make a new one"));
  }

  Status LookAtRecorded() {
    const std::string& id = record_.id;
    CAPSTAN_TRY(forecast_.observed, input_.cloud.Get(id, context_));
    if (!forecast_.observed) {
      if (managed::RecreatesLost(input_.desired, record_, input_.info)) {
        forecast_.notes.push_back(
            StrCat("cloud object ", id, " is gone; the operator creates it again (spec.recreateIfLost)"));
      } else if (requested_ || Observes()) {
        Held(StrCat(
            "cloud object ", id,
            " is gone; the operator does not create it again, because it was adopted or is only observed"));
      } else {
        Held(StrCat("cloud object ", id,
                    " is gone, and the operator did not delete it: set spec.recreateIfLost to true to create "
                    "it again"));
      }
      return {};
    }
    CheckTags(*forecast_.observed);
    if (requested_ && !requested_->id.empty() && requested_->id != id) {
      Held(StrCat("spec.adopt names ", requested_->id, ", but the object stands for cloud object ", id,
                  " for its whole life: create another object for ", requested_->id));
    }
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
    if (observed.owner.empty() || input_.owner.empty()) return;
    if (EqualsIgnoreCase(observed.owner, input_.owner)) return;
    forecast_.notes.push_back(StrCat("cloud object ", observed.id, " carries the owner tag ", observed.owner,
                                     "; an operator on this cluster has ", input_.owner,
                                     " unless it was started with --owner-id"));
  }

  Status LookForAdopted() {
    if (!requested_->id.empty()) {
      CAPSTAN_TRY(forecast_.observed, input_.cloud.Get(requested_->id, context_));
    } else {
      CAPSTAN_RETURN_IF_ERROR(LookForName(requested_->name, true));
    }
    if (!forecast_.observed) {
      Held(StrCat("spec.adopt names ", requested_->id.empty() ? requested_->name : requested_->id,
                  ", which the account does not have"));
      return {};
    }
    CompareWithEarlier(forecast_.observed->id);
    const Observed& seen = *forecast_.observed;
    if (!seen.identity.empty() && seen.identity != identity_.tag) {
      forecast_.notes.push_back(StrCat("cloud object ", seen.id, " carries the tag ", seen.identity,
                                       ": it can be adopted only if the object of that uid is gone"));
    }
    CheckOwner(seen);
    forecast_.notes.push_back(StrCat("cloud object ", seen.id, " (", seen.name,
                                     ") is adopted first: it gets our tags, and nothing else changes"));
    return {};
  }

  // `ours_counts`: an object with our tag matches, whatever its current name.
  Status LookForName(const std::string& name, bool ours_counts) {
    CAPSTAN_TRY(const auto found,
                input_.cloud.Find(identity_, managed::SearchDocument(input_.desired, name), context_));
    int matches = 0;
    for (const auto& item : found) {
      if (ours_counts && item.identity == identity_.tag) {
        forecast_.observed = item;
        return {};
      }
      if (item.name != name) continue;
      ++matches;
      forecast_.observed = item;
    }
    if (matches < 2) return {};
    forecast_.observed.reset();
    Held(StrCat("the account has ", matches, " cloud objects named ", name,
                ": name one by its id in spec.adopt"));
    return {};
  }

  Status MakePlan() {
    // If a cloud object should exist and does not, the operator would not create one either.
    if (!forecast_.observed && !forecast_.held.empty() && (!record_.id.empty() || requested_)) return {};
    // Providers learn prices when they read objects; if there is none, a page of the list does it.
    if (!forecast_.observed) (void)input_.cloud.List("", context_);
    CAPSTAN_TRY(forecast_.plan, input_.cloud.MakePlan(desired_, forecast_.observed.value_or(Observed{})));
    return {};
  }

  void Hold() {
    if (const std::string invalid = managed::InvalidCoreField(input_.desired, input_.info); !invalid.empty())
      Held(invalid);
    const std::string wrong = managed::ReadConnectionSecretRequest(input_.desired, input_.info).wrong;
    if (!forecast_.observed && !wrong.empty()) Held(wrong);
    forecast_.approved = managed::Approves(input_.desired, record_, forecast_.plan);
    // For an object that is ReadOnly or paused but up to date, the note would be noise.
    if (forecast_.plan.steps.empty()) return;
    if (Observes())
      Held("managementPolicy is Observe: the operator only observes; set it to Full to apply this");
    if (input_.desired.Annotation(managed::kPausedAnnotation) == "true")
      Held(StrCat("annotation ", managed::kPausedAnnotation, " is true: remove it to continue"));
  }

  // The first reason counts: the operator checks them in this order.
  void Held(std::string why) {
    if (forecast_.held.empty()) forecast_.held = std::move(why);
  }

  const ForecastInput& input_;
  const Context& context_;
  const std::optional<managed::AdoptionRequest> requested_;
  const std::string desired_;
  managed::Record record_;  // what the operator has recorded
  external::Identity identity_;
  Forecast forecast_;
};

}  // namespace

Result<Forecast> MakeForecast(const ForecastInput& input, const Context& context) {
  return Forecaster(input, context).Make();
}

}  // namespace capstan::app
