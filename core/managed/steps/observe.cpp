#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

void ShowReady(Visit& visit, const external::Observed& observed) {
  const std::string words = observed.message.empty() ? std::string() : ": " + observed.message;
  switch (observed.phase) {
    case external::Phase::kCreating:
      return visit.Ready("False", Reason::kCreating, "the cloud is making it" + words);
    case external::Phase::kReady:
      return visit.Ready("True", Reason::kAvailable, "it can be used" + words);
    case external::Phase::kUpdating:
      return visit.Ready(observed.connectable ? "True" : "False", Reason::kUpdating,
                         "it is changing" + words);
    case external::Phase::kDegraded:
      return visit.Ready("False", Reason::kDegraded, "it works with faults" + words);
    case external::Phase::kFailed:
      return visit.Ready("False", Reason::kFailed, "the cloud says that it failed" + words);
    case external::Phase::kDeleting:
      return visit.Ready("False", Reason::kDeleting, "the cloud is removing it" + words);
  }
}

bool IsTheCores(const Visit& visit, const std::string& field) {
  const auto& info = visit.setting.info;
  return field == "conditions" || field == "observedGeneration" || field == "external" ||
         field == info.connection_status_field || field == info.plan_status_field ||
         field == info.associated_status_field;  // no field of a provider has an empty name
}

// What was seen becomes what the visit works with.
Result<Next> Believe(Visit& visit, Result<Observer::Seen> seen) {
  if (!seen) return visit.Trouble(seen.error(), StrCat("cannot look at cloud object ", visit.record.id));
  if (!seen->object) return NotThere(visit);
  const external::Observed observed = std::move(*seen->object);
  if (!visit.record.absent_since.empty()) visit.external_changes->set("absentSince", Poco::Dynamic::Var());
  Show(visit, observed);
  if (const auto reason = NotOurs(visit, observed)) {
    return visit.Blocked(*reason, NotOursMessage(visit, observed, *reason), visit.BackoffDelay());
  }
  ProveAccount(visit);
  visit.observed = observed;
  visit.listed = seen->listed;
  return Next::kGoOn;
}

}  // namespace

void ProveAccount(Visit& visit) {
  if (visit.account_proven) return;
  visit.account_proven = true;
  visit.external_changes->set("account", visit.account);
  visit.record.account = visit.account;
}

void Show(Visit& visit, const external::Observed& observed) {
  if (const auto status = json::ParseObject(observed.status)) {
    for (const auto& [field, value] : **status) {
      if (!IsTheCores(visit, field)) visit.fields->set(field, value);
    }
  }
  if (!visit.setting.info.id_status_field.empty())
    visit.fields->set(visit.setting.info.id_status_field, observed.id);
  ShowReady(visit, observed);
}

Result<Observer::Seen> GetByItself(Visit& visit, const std::string& id) {
  // Mostly for a change, and what it waits for is no less urgent.
  const Urgency urgency = std::max(visit.Reading().urgency, Urgency::kChange);
  CAPSTAN_TRY(auto object, visit.cloud->Get(id, visit.Reading(urgency)));
  return Observer::Seen{std::move(object), false};
}

Result<Observer::Seen> LookAt(Visit& visit, const std::string& id) {
  // An unknown outcome and a doubt about its being there are never settled by a list.
  if (visit.record.pending || !visit.record.absent_since.empty()) return GetByItself(visit, id);
  const Context context = visit.Reading();
  if (context.urgency == Urgency::kRemove) return GetByItself(visit, id);  // a list shall not be in its way
  const auto ours = [&](const external::Observed& item) { return !NotOurs(visit, item); };
  return visit.cloud->Look(id, LookAge(visit), ours, context);
}

Result<Next> Observe(Visit& visit) { return Believe(visit, LookAt(visit, visit.record.id)); }

Result<Next> ObserveByItself(Visit& visit) { return Believe(visit, GetByItself(visit, visit.record.id)); }

}  // namespace capstan::managed
