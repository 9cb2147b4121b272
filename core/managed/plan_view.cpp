#include <capstan/core/managed/plan_view.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/short_digest.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::managed {
namespace {

constexpr std::size_t kLongest = 512;  // per text: a status has to fit into an object

std::string Identify(const external::Step& step) {
  return StrCat(step.verb, "\n", step.target, "\n", step.arguments, "\n");
}

// The steps that an approval covers. A replacement whose removal the provider does not plan counts
// itself.
std::vector<const external::Step*> Destructive(const external::Plan& plan) {
  std::vector<const external::Step*> removals, all;
  for (const auto& step : plan.steps) {
    if (!step.destroys) continue;
    all.push_back(&step);
    if (!step.makes) removals.push_back(&step);
  }
  return removals.empty() ? all : removals;
}

double ToTheCent(double amount) {
  const double rounded = std::round(amount * 100) / 100;
  return rounded == 0 ? 0 : rounded;  // avoids a negative zero
}

std::string Money(double amount) {
  char text[64];
  std::snprintf(text, sizeof text, "%+.2f", amount);
  return text;
}

void SetText(json::ObjectPtr object, const char* key, const std::string& text) {
  if (!text.empty()) object->set(key, Shorten(text, kLongest));
}
void SetTrue(json::ObjectPtr object, const char* key, bool value) {
  if (value) object->set(key, true);
}
void SetAmount(json::ObjectPtr object, double amount) {
  if (ToTheCent(amount) != 0) object->set("monthlyCostChange", ToTheCent(amount));
}
void SetList(json::ObjectPtr object, const char* key, const json::ArrayPtr& list) {
  if (list->size() != 0) object->set(key, list);
}

json::ArrayPtr Steps(const external::Plan& plan) {
  auto list = json::MakeArray();
  for (const auto& step : plan.steps) {
    auto item = json::MakeObject();
    SetText(item, "verb", step.verb);
    SetText(item, "target", step.target);
    SetText(item, "why", step.why);
    SetTrue(item, "makes", step.makes);
    SetTrue(item, "destroys", step.destroys);
    SetTrue(item, "waits", step.waits);
    SetAmount(item, step.monthly_cost_change);
    list->add(item);
  }
  return list;
}

void AddSteps(const external::Plan& plan, std::vector<std::string>& lines) {
  int number = 0;
  for (const auto& step : plan.steps) {
    std::vector<std::string> notes;
    if (step.destroys) notes.push_back(step.makes ? "replaces, and destroys afterwards" : "destroys");
    if (step.waits) notes.push_back("waits until it is ready");
    if (ToTheCent(step.monthly_cost_change) != 0)
      notes.push_back(Money(step.monthly_cost_change) + " a month");
    lines.push_back(StrCat(++number, ". ", DescribeStep(step),
                           notes.empty() ? std::string() : StrCat(" (", Join(notes, "; "), ")")));
  }
}

std::string Document(const kube::Object& object, const std::string& name, const std::string& spec) {
  return StrCat("{\"name\":", json::Quote(name), ",\"namespace\":", json::Quote(object.metadata().namespace_),
                ",\"uid\":", json::Quote(object.uid()), ",\"spec\":", spec, "}");
}

}  // namespace

std::string DesiredDocument(const kube::Object& object) {
  auto document = Document(object, object.metadata().name, object.ValueAt("/spec").value_or("{}"));
  std::vector<std::string> requests;
  for (const char* name : kRequestAnnotations)
    if (const auto value = object.Annotation(name))
      requests.push_back(StrCat(json::Quote(name), ":", json::Quote(std::string(*value))));
  if (requests.empty()) return document;
  document.pop_back();
  return StrCat(document, ",\"annotations\":{", Join(requests, ","), "}}");
}

std::string SearchDocument(const kube::Object& object, const std::string& name) {
  return Document(object, name, StrCat("{\"name\":", json::Quote(name), "}"));
}

bool NeedsConsent(const external::Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const auto& step) { return step.destroys; });
}

std::string PlanHash(const external::Plan& plan) {
  std::string text;
  for (const auto* step : Destructive(plan)) text += Identify(*step);
  return text.empty() ? "" : external::ShortDigest(std::move(text));
}

std::vector<std::string> DestructionHashes(const external::Plan& plan) {
  std::vector<std::string> hashes;
  for (const auto* step : Destructive(plan)) hashes.push_back(external::ShortDigest(Identify(*step)));
  return hashes;
}

double MonthlyCostChange(const external::Plan& plan) {
  double sum = 0;
  for (const auto& step : plan.steps) sum += step.monthly_cost_change;
  return ToTheCent(sum);
}

bool IsNothing(const external::Plan& plan) {
  return plan.steps.empty() && plan.differences.empty() && plan.unsupported.empty() && plan.waiting.empty();
}

std::string PlanToJson(const external::Plan& plan, const std::string& current) {
  auto differences = json::MakeArray(), unsupported = json::MakeArray();
  for (const auto& difference : plan.differences) {
    auto item = json::MakeObject();
    SetText(item, "field", difference.field);
    SetText(item, "wanted", difference.wanted);
    SetText(item, "seen", difference.seen);
    differences->add(item);
  }
  for (const auto& difference : plan.unsupported) {
    auto item = json::MakeObject();
    SetText(item, "field", difference.field);
    SetText(item, "why", difference.why);
    unsupported->add(item);
  }
  auto object = json::MakeObject();
  SetText(object, "hash", PlanHash(plan));
  SetText(object, "current", current);
  SetText(object, "waiting", plan.waiting);
  SetAmount(object, MonthlyCostChange(plan));
  SetList(object, "steps", Steps(plan));
  SetList(object, "differences", differences);
  SetList(object, "unsupported", unsupported);
  return json::ToText(object);
}

std::string DescribeStep(const external::Step& step) {
  return StrCat(step.verb, " ", step.target, step.why.empty() ? "" : ": ", step.why);
}

std::vector<std::string> PlanToLines(const external::Plan& plan) {
  if (IsNothing(plan)) return {"Nothing differs; there is nothing to do."};
  std::vector<std::string> lines;
  if (!plan.waiting.empty()) lines.push_back("Under way: " + plan.waiting);
  if (!plan.steps.empty()) lines.push_back("To do, in this order:");
  AddSteps(plan, lines);
  if (MonthlyCostChange(plan) != 0)
    lines.push_back(
        StrCat("In all ", Money(MonthlyCostChange(plan)), " a month, as far as prices are known."));
  if (!plan.differences.empty()) lines.push_back("What differs:");
  for (const auto& difference : plan.differences) {
    lines.push_back(StrCat("  ", difference.field, ": wanted ",
                           difference.wanted.empty() ? "nothing" : difference.wanted, ", seen ",
                           difference.seen.empty() ? "nothing" : difference.seen));
  }
  if (!plan.unsupported.empty()) lines.push_back("What no step can change:");
  for (const auto& difference : plan.unsupported)
    lines.push_back(StrCat("  ", difference.field, ": ", difference.why));
  if (NeedsConsent(plan)) {
    lines.push_back(StrCat("Steps that destroy wait for annotation ", kApproveAnnotation, "=", PlanHash(plan),
                           " or spec.allowDestructive: true."));
  }
  return lines;
}

}  // namespace capstan::managed
