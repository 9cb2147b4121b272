// The account: whose cloud objects these are. "Not found" in another account means nothing, and
// deleting there is worse.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

Result<Next> CheckAccount(Visit& visit) {
  auto who = visit.cloud->WhoAmI(visit.Reading());
  if (!who) return visit.Trouble(who.error(), "cannot ask whom the credentials belong to");
  if (!who->id.empty()) visit.account = who->id;

  std::string recorded = visit.record.account;
  // An intent names the account its request went to, which is the one to look in.
  if (visit.record.pending && visit.record.id.empty()) recorded = visit.record.pending->account;
  if (recorded.empty() || recorded == visit.account) {
    visit.account_proven = true;
    return Next::kGoOn;
  }
  if (IsAccountId(recorded) && IsAccountId(visit.account)) {
    return visit.Blocked(
        Reason::kAccountChanged,
        StrCat("the credentials belong to account ", visit.account,
               who->description.empty() ? std::string() : StrCat(" (", who->description, ")"),
               ", but this object's cloud object is in account ", recorded,
               ". Nothing is done. Put credentials of the recorded account back"),
        visit.BackoffDelay());
  }
  // It may be the same account. Seeing our own object there would prove it; not seeing it proves
  // nothing.
  if (visit.record.id.empty()) {
    return visit.Blocked(
        Reason::kAccountUnknown,
        StrCat("it cannot be told whether these credentials belong to account ", recorded,
               ", where a create may have succeeded. Nothing is done. Let the token read the account, or put "
               "the former one back"),
        visit.BackoffDelay());
  }
  visit.account_proven = false;
  return Next::kGoOn;
}

}  // namespace capstan::managed
