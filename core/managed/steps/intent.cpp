// The intent: what is about to be made is written down before the request leaves, so that whoever
// comes after a crash knows that something may be out there.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

json::ObjectPtr StatusWithPending(json::ObjectPtr external, const json::Tree& pending) {
  external->set("pending", pending);
  auto status = json::MakeObject();
  status->set("external", external);
  return status;
}

Next Outdated(Visit& visit, const std::string& lacking) {
  return visit.Blocked(
      Reason::kCRDOutdated,
      StrCat("the API server dropped status.external", lacking, ": the CustomResourceDefinition ",
             visit.setting.kind.resource(),
             " is older than this operator. Apply the one it prints with `capstan crds`; until then "
             "nothing is made, because a crash could make it twice"),
      visit.setting.options.poll_blocked);
}

}  // namespace

Result<Next> WriteIntent(Visit& visit, const std::string& step, const std::string& id) {
  const std::int64_t attempt = visit.record.attempts + 1;
  const std::string started = visit.Stamp();
  auto pending = json::MakeObject();
  pending->set("step", step);
  pending->set("id", id.empty() ? Poco::Dynamic::Var() : Poco::Dynamic::Var(id));
  pending->set("attempt", attempt);
  pending->set("identity", visit.identity.tag);
  pending->set("account", visit.account);
  pending->set("holder", visit.Holder());
  pending->set("startedAt", started);
  pending->set("unknownSince",
               Poco::Dynamic::Var());  // a merge patch must take away what an earlier attempt left
  auto external = json::MakeObject();
  external->set("attempts", attempt);
  external->set("gone", Poco::Dynamic::Var());
  if (step == kAdoptStep) external->set("adopted", true);  // also a crash later it is known how it came here
  CAPSTAN_CHECK_OK(visit.PatchStatus(StatusWithPending(external, pending)));

  const auto& kept = visit.record.pending;
  if (!kept || visit.record.attempts != attempt || kept->attempt != attempt || kept->step != step ||
      kept->id != id || (step == kAdoptStep && !visit.record.adopted) ||
      kept->identity != visit.identity.tag || kept->account != visit.account ||
      kept->holder != visit.Holder() || kept->started_at != started) {
    return Outdated(visit, ".pending or a field of it");
  }
  return Next::kGoOn;
}

Result<Next> SettleIntent(Visit& visit) {
  const Duration window =
      visit.setting.options.create_settle + std::chrono::seconds(1);  // Date headers have whole seconds
  auto age = Since(visit.record.pending->unknown_since, visit.Now());
  if (!age || *age < -window) {  // a time from the future would hold it for ever
    auto pending = json::MakeObject();
    pending->set("holder", visit.Holder());
    pending->set("unknownSince", visit.Stamp());
    auto external = json::MakeObject();
    const bool whole = visit.record.pending->step == kCreateStep ||
                       visit.record.pending->step == kAdoptStep;  // a part goes with the whole
    if (whole) external->set("doubt", true);
    CAPSTAN_CHECK_OK(visit.PatchStatus(StatusWithPending(external, pending)));
    if (!visit.record.pending || visit.record.pending->unknown_since.empty() ||
        (whole && !visit.record.doubt)) {
      return Outdated(visit, ".pending.unknownSince or .doubt");
    }
    age = Duration::zero();
  }
  if (*age >= window) return Next::kGoOn;
  // Not Again(): a jitter would only wake it too early.
  visit.again = window - *age;
  visit.Synced("False", Reason::kOutcomeUnknown,
               StrCat("it is not known whether attempt ", visit.record.pending->attempt, " (",
                      visit.record.pending->step, ") made something; after ", FormatDuration(window),
                      " the cloud is asked for everything with tag ", visit.identity.tag));
  return Next::kStop;
}

Status ClearIntent(Visit& visit) {
  if (!visit.record.pending) return {};
  const std::string operations =
      StrCat(R"([{"op":"test","path":"/metadata/uid","value":)", json::Quote(visit.object.uid()),
             R"(},{"op":"test","path":"/status/external/pending/attempt","value":)",
             visit.record.pending->attempt, R"(},{"op":"remove","path":"/status/external/pending"}])");
  return visit.PatchStatusByTest(operations);
}

}  // namespace capstan::managed
