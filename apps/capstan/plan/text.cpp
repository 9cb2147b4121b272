#include <capstan/apps/capstan/plan/text.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/plan_view.hpp>

namespace capstan::app {
namespace {

std::string AccountText(const external::Account& account) {
  if (account.id.empty()) return "an account that the credentials may not read";
  return account.description.empty() ? "account " + account.id
                                     : StrCat("account ", account.description, " (", account.id, ")");
}

std::string What(const Forecast& forecast) {
  if (forecast.removal) return StrCat("being deleted; in ", AccountText(forecast.account));
  if (!forecast.observed) return StrCat("nothing exists yet in ", AccountText(forecast.account));
  const auto& seen = *forecast.observed;
  return StrCat(seen.id, seen.name.empty() ? "" : StrCat(" (", seen.name, ")"), " in ",
                AccountText(forecast.account));
}

std::string HowToApprove(const Planned& planned, const std::string& hash) {
  const auto& kind = planned.kind;
  const std::string& shortest = *std::min_element(
      kind.names.begin(), kind.names.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return StrCat("kubectl annotate ", shortest, "/", planned.key.name,
                planned.key.namespace_.empty() ? "" : " -n " + planned.key.namespace_, " --overwrite ",
                managed::kApproveAnnotation, "=", hash);
}

}  // namespace

std::string ForecastToText(const Planned& planned, const Forecast& forecast) {
  std::string text = StrCat(planned.kind.info.kind, " ", planned.key.ToString(), ": ", What(forecast), "\n");
  for (const auto& note : forecast.notes) text += StrCat("Note: ", note, ".\n");
  if (!forecast.removal && (forecast.held.empty() || !managed::IsNothing(forecast.plan))) {
    for (const auto& line : managed::PlanToLines(forecast.plan)) text += line + "\n";
  }
  if (!forecast.held.empty()) text += StrCat("The operator would do nothing: ", forecast.held, ".\n");
  const std::string hash = managed::PlanHash(forecast.plan);
  if (hash.empty()) return text;
  if (forecast.approved) return text + "What it destroys is approved.\n";
  if (planned.in_cluster) text += StrCat("To approve exactly this:\n  ", HowToApprove(planned, hash), "\n");
  return text;
}

std::string ForecastToJson(const Planned& planned, const Forecast& forecast) {
  const auto& info = planned.kind.info;
  auto object = json::MakeObject();
  object->set("apiVersion", info.group + "/" + info.version);
  object->set("kind", info.kind);
  if (!planned.key.namespace_.empty()) object->set("namespace", planned.key.namespace_);
  object->set("name", planned.key.name);
  auto account = json::MakeObject();
  if (!forecast.account.id.empty()) account->set("id", forecast.account.id);
  if (!forecast.account.description.empty()) account->set("description", forecast.account.description);
  if (account->size() != 0) object->set("account", account);
  if (forecast.observed) object->set("id", forecast.observed->id);
  object->set("changes", !forecast.nothing_to_do());
  if (!forecast.held.empty()) object->set("held", forecast.held);
  auto notes = json::MakeArray();
  for (const auto& note : forecast.notes) notes->add(note);
  if (notes->size() != 0) object->set("notes", notes);
  if (managed::NeedsConsent(forecast.plan)) object->set("approved", forecast.approved);
  const auto plan = json::ParseObject(managed::PlanToJson(forecast.plan, ""));
  object->set("plan", plan ? *plan : json::MakeObject());
  return json::ToText(object);
}

}  // namespace capstan::app
