// The account: whose cloud objects these are. "Not found" in another account means nothing, and
// deleting there would be worse.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

std::string HowToProveAccount(const std::string& recorded) {
  return IsAccountId(recorded) ? "Let the token read the account, or put the former one back"
                               : "Put the former token back, because the account was never read";
}

std::string CannotTellAccount(const std::string& what, const std::string& recorded) {
  return StrCat(what, "the operator cannot determine whether these credentials belong to account ", recorded);
}

Result<Next> CheckAccount(ReconcileContext& ctx) {
  auto who = ctx.cloud->WhoAmI(ctx.Reading());
  if (!who) return ctx.Trouble(who.error(), "cannot ask the cloud which account the credentials belong to");
  if (!who->id.empty()) ctx.account = who->id;

  std::string recorded = ctx.record.account;
  // An intent names the account that its request went to, which is the one to search.
  if (ctx.record.pending && ctx.record.id.empty()) recorded = ctx.record.pending->account;
  if (recorded.empty() || recorded == ctx.account) {
    ctx.account_proven = true;
    return Next::kGoOn;
  }
  if (IsAccountId(recorded) && IsAccountId(ctx.account)) {
    return ctx.BackOff(Reason::kAccountChanged,
                       StrCat("the credentials belong to account ", ctx.account,
                              who->description.empty() ? std::string() : StrCat(" (", who->description, ")"),
                              ", but this object's cloud object is in account ", recorded,
                              ". Nothing is done. Put credentials of the recorded account back"));
  }
  // It may be the same account. Observing our own object there would prove it; not observing it
  // proves nothing.
  if (ctx.record.id.empty()) {
    return ctx.BackOff(
        Reason::kAccountUnknown,
        StrCat(CannotTellAccount("", recorded), ", where a create may have succeeded. Nothing is done. ",
               HowToProveAccount(recorded),
               "; or, to abandon what may have been created, delete this object with annotation ",
               kAbandonAnnotation, "=", ctx.object.uid()));
  }
  ctx.account_proven = false;
  return Next::kGoOn;
}

}  // namespace capstan::managed
