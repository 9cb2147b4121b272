// Validates a plugin's answers about changes: plans, associated objects, notices and offers.
#include <capstan/plugins/loader/calls/answer.hpp>

#include <cmath>
#include <optional>
#include <set>

#include <capstan/core/base/time.hpp>

namespace capstan::loader {

Result<external::Step> Answers::Step(const capstan_step_t* from) const {
  CAPSTAN_TRY(const auto step, Known(from, "a step"));
  external::Step out;
  CAPSTAN_TRY(out.verb, Text(step.verb, "verb", kTextLimit));
  CAPSTAN_TRY(out.target, Text(step.target, "target", kTextLimit));
  CAPSTAN_TRY(out.why, Words(step.why, "why"));
  CAPSTAN_TRY(out.arguments, Document(step.arguments, "arguments"));
  CAPSTAN_TRY(out.consumes, Text(step.consumes, "consumes", kTextLimit));
  if (out.verb.empty()) return Malformed("a step without a verb");
  if (!std::isfinite(step.monthly_cost_change)) return Malformed("a cost that is no number");
  out.makes = step.makes != 0;
  out.destroys = step.destroys != 0;
  out.waits = step.waits != 0;
  out.monthly_cost_change = step.monthly_cost_change;
  return out;
}

Result<external::Plan> Answers::Plan(const capstan_plan_t* from) const {
  CAPSTAN_TRY(const auto plan, Known(from, "a plan"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(plan.steps, plan.step_count, "steps"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(plan.unsupported, plan.unsupported_count, "unsupported fields"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(plan.differences, plan.difference_count, "differences"));
  external::Plan out;
  for (std::size_t i = 0; i < plan.step_count; ++i) {
    CAPSTAN_TRY(external::Step step, Step(plan.steps[i]));
    out.steps.push_back(std::move(step));
  }
  for (std::size_t i = 0; i < plan.unsupported_count; ++i) {
    CAPSTAN_TRY(const auto item, Known(plan.unsupported[i], "an unsupported field"));
    external::Unsupported taken;
    CAPSTAN_TRY(taken.field, Text(item.field, "field", kTextLimit));
    CAPSTAN_TRY(taken.why, Words(item.why, "why"));
    out.unsupported.push_back(std::move(taken));
  }
  for (std::size_t i = 0; i < plan.difference_count; ++i) {
    CAPSTAN_TRY(const auto item, Known(plan.differences[i], "a difference"));
    external::Difference taken;
    CAPSTAN_TRY(taken.field, Id(item.field, "field of a difference"));
    CAPSTAN_TRY(taken.wanted, Words(item.wanted, "wanted"));
    CAPSTAN_TRY(taken.seen, Words(item.seen, "seen"));
    out.differences.push_back(std::move(taken));
  }
  CAPSTAN_TRY(out.waiting, Words(plan.waiting, "waiting"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(plan.spent, plan.spent_count, "spent requests"));
  for (std::size_t i = 0; i < plan.spent_count; ++i) {
    CAPSTAN_TRY(std::string entry, Id(plan.spent[i], "spent request"));
    out.spent.push_back(std::move(entry));
  }
  return out;
}

Result<std::vector<external::Associated>> Answers::Associated(const capstan_associated_list_t* from) const {
  CAPSTAN_TRY(const auto list, Known(from, "a list of associated resources"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(list.items, list.count, "associated resources"));
  std::vector<external::Associated> out;
  for (std::size_t i = 0; i < list.count; ++i) {
    CAPSTAN_TRY(const auto item, Known(list.items[i], "an associated resource"));
    external::Associated taken;
    CAPSTAN_TRY(taken.kind, Id(item.kind, "kind of an associated resource"));
    CAPSTAN_TRY(taken.id, Id(item.id, "id of an associated resource"));
    CAPSTAN_TRY(taken.name, Words(item.name, "name of an associated resource"));
    if (!std::isfinite(item.monthly_cost) || item.monthly_cost < 0)
      return Malformed("an associated resource whose cost is no amount");
    taken.monthly_cost = item.monthly_cost;
    out.push_back(std::move(taken));
  }
  return out;
}

Result<std::vector<external::Offer>> Answers::Offers(const capstan_offer_list_t* from) const {
  CAPSTAN_TRY(const auto list, Known(from, "a list of offers"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(list.items, list.count, "offers"));
  std::set<std::string> values;
  std::vector<external::Offer> out;
  for (std::size_t i = 0; i < list.count; ++i) {
    CAPSTAN_TRY(const auto item, Known(list.items[i], "an offer"));
    external::Offer taken;
    CAPSTAN_TRY(taken.value, Id(item.value, "value of an offer"));
    CAPSTAN_TRY(taken.name, Words(item.name, "name of an offer"));
    CAPSTAN_TRY(taken.details, Document(item.details, "details of an offer"));
    taken.available = item.unavailable == 0;
    if (!values.insert(taken.value).second) return Malformed(StrCat("the offer ", taken.value, " twice"));
    out.push_back(std::move(taken));
  }
  return out;
}

Result<std::vector<external::Notice>> Answers::Notices(const capstan_notice_list_t* from,
                                                       const std::string& since) const {
  CAPSTAN_TRY(const auto list, Known(from, "a list of notices"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(list.items, list.count, "notices"));
  const auto after = ParseRfc3339(since);
  std::optional<WallTime> latest;
  std::vector<external::Notice> out;
  for (std::size_t i = 0; i < list.count; ++i) {
    CAPSTAN_TRY(const auto item, Known(list.items[i], "a notice"));
    external::Notice taken;
    CAPSTAN_TRY(taken.at, Text(item.at, "time of a notice", kIdLimit));
    CAPSTAN_TRY(taken.text, Words(item.text, "text of a notice"));
    const auto at = ParseRfc3339(taken.at);
    if (!at) return Malformed("a notice whose time is no RFC 3339 time");
    if (taken.text.empty()) return Malformed("a notice without a text");
    // A caller that continues with the time of the last notice would report it twice.
    if (after && *at <= *after) return Malformed("a notice that is not later than what was asked for");
    if (latest && *at < *latest) return Malformed("notices that are not in the order of their times");
    latest = at;
    out.push_back(std::move(taken));
  }
  return out;
}

}  // namespace capstan::loader
