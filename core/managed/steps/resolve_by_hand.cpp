// A cloud that keeps neither tags nor names cannot be asked what became of an attempt: a person
// says it.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

Result<Next> ResolveByHand(Visit& visit) {
  const Pending pending = *visit.record.pending;
  const std::string prefix = StrCat(pending.attempt, "=");
  const std::string answer(visit.object.Annotation(kResolveAnnotation).value_or(""));
  if (answer == prefix + "none") {
    CAPSTAN_CHECK_OK(ClearIntent(visit));
    return Next::kGoOn;
  }
  if (answer.rfind(prefix, 0) == 0 && answer.size() > prefix.size())
    return RecordId(visit, answer.substr(prefix.size()), {});
  if (visit.setting.info.identity != external::IdentityKept::kNone) return Next::kGoOn;  // a Find will tell
  return visit.Blocked(
      Reason::kOutcomeUnknown,
      StrCat("attempt ", pending.attempt, " (", pending.step, ", begun ", pending.started_at,
             ") may have made something, and this cloud cannot be asked. Look there, and set annotation ",
             kResolveAnnotation, "=", prefix, "none or ", kResolveAnnotation, "=", prefix, "<id>"),
      visit.setting.options.poll_blocked);
}

}  // namespace capstan::managed
