// The x-kubernetes-validations of a schema: compiled with the CRD, evaluated at every write.
#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/cel/cost_sizes.hpp>
#include <capstan/local/apiserver/schema/cel/meter.hpp>
#include <capstan/local/apiserver/schema/cel/program.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

using cel::Program;
using Problems = std::vector<FieldError>;

constexpr std::size_t kStepsOfRule = 64;  // of compiling a rule

const std::vector<std::string>& Reasons() {
  static const std::vector<std::string> reasons = {"FieldValueDuplicate", "FieldValueForbidden",
                                                   "FieldValueInvalid", "FieldValueRequired"};
  return reasons;
}

// A rule as Kubernetes prints it in an error.
json::ObjectPtr ShownRule(const SchemaRule& rule) {
  json::ObjectPtr shown = json::MakeObject();
  shown->set("Rule", rule.source);
  shown->set("Message", rule.message);
  shown->set("MessageExpression", rule.message_source);
  shown->set("Reason", rule.reason ? json::Tree(*rule.reason) : json::Tree());
  shown->set("FieldPath", rule.field_path);
  shown->set("OptionalOldSelf", rule.optional_old_self ? json::Tree(*rule.optional_old_self) : json::Tree());
  return shown;
}

// Whether ".a.b" or ".a['b']" is the path of a field in the schema.
bool IsPath(const SchemaNode& node, std::string_view path) {
  const SchemaNode* at = &node;
  if (path.empty()) return false;
  while (!path.empty()) {
    std::string name;
    if (path.substr(0, 2) == "['") {
      const std::size_t end = path.find("']");
      if (end == std::string_view::npos) return false;
      name = path.substr(2, end - 2);
      path.remove_prefix(end + 2);
    } else if (path.front() == '.') {
      const std::size_t end = std::min(path.find_first_of(".[", 1), path.size());
      name = path.substr(1, end - 1);
      path.remove_prefix(end);
    } else {
      return false;
    }
    const auto found = at->properties.find(name);
    if (found == at->properties.end() && !at->additional) return false;
    at = found == at->properties.end() ? at->additional.get() : found->second.get();
  }
  return true;
}

// ".a['b']" as errors print it: ".a.b".
std::string ShownPath(std::string path) {
  for (std::size_t at; (at = path.find("['")) != std::string::npos;) path.replace(at, 2, ".");
  for (std::size_t at; (at = path.find("']")) != std::string::npos;) path.erase(at, 2);
  return path;
}

void CheckWords(const SchemaNode& node, const SchemaRule& rule, const std::string& field,
                Problems& problems) {
  if (Trim(rule.source).empty()) problems.push_back(RequiredField(field + ".rule", "rule is not specified"));
  if (!rule.message_source.empty() && Trim(rule.message_source).empty()) {
    problems.push_back(
        RequiredField(field + ".messageExpression", "messageExpression must be non-empty if specified"));
  }
  if (!rule.message.empty() && Trim(rule.message).empty()) {
    problems.push_back(InvalidField(field + ".message", rule.message, "must be non-empty if specified"));
  } else if (rule.message.find('\n') != std::string::npos) {
    problems.push_back(InvalidField(field + ".message", rule.message, "must not contain line breaks"));
  }
  if (Trim(rule.source).find('\n') != std::string_view::npos && rule.message.empty()) {
    problems.push_back(
        RequiredField(field + ".message", "message must be specified if rule contains line breaks"));
  }
  if (rule.reason && std::find(Reasons().begin(), Reasons().end(), *rule.reason) == Reasons().end()) {
    problems.push_back(UnsupportedField(field + ".reason", *rule.reason, Reasons()));
  }
  if (!rule.field_path.empty() && !IsPath(node, rule.field_path)) {
    problems.push_back(InvalidField(field + ".fieldPath", rule.field_path, "must be a valid path"));
  }
}

// The total cost of the rules of a schema, and the most expensive ones.
class CostSum final {
 public:
  void Add(const std::string& field, std::uint64_t cost) {
    total_ = cel::Plus(total_, cost);
    if (cost < kMostOfSchema / 100) return;
    largest_.emplace_back(cost, field);
    std::stable_sort(largest_.begin(), largest_.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    if (largest_.size() > kShown) largest_.pop_back();
  }
  void Judge(const std::string& field, Problems& problems) const;

  static constexpr std::uint64_t kMostOfRule = 10'000'000, kMostOfSchema = 100'000'000;

 private:
  static constexpr std::size_t kShown = 4;
  std::uint64_t total_ = 0;
  std::vector<std::pair<std::uint64_t, std::string>> largest_;
};

std::string OverBudget(std::string_view what, std::uint64_t cost, std::uint64_t most) {
  const double factor = static_cast<double>(cost) / static_cast<double>(most);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), factor < 1.5 ? "%fx" : "%.1fx", factor);
  return StrCat(what, " exceeds budget by factor of ", factor > 100 ? "more than 100x" : text.data(),
                " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, "
                "maps, and strings are declared)");
}

void CostSum::Judge(const std::string& field, Problems& problems) const {
  if (total_ <= kMostOfSchema) return;
  for (const auto& [cost, where] : largest_) {
    problems.push_back(ForbiddenField(
        where, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"));
  }
  problems.push_back(
      ForbiddenField(field, OverBudget("x-kubernetes-validations estimated rule cost total for entire "
                                       "OpenAPIv3 schema",
                                       total_, kMostOfSchema)));
}

// Where a rule belongs: the maximum number of values at that place, and the list below which no
// counterpart in the old object can be found.
struct RulePlace {
  bool root = false;
  std::optional<std::uint64_t> often = 1;  // nullopt: no limit is declared
  std::string loose = {};                  // empty: every value has a counterpart
};

class RuleCompiler final {
 public:
  RuleCompiler(RuleBudget budget, Problems& said, const Cancellation* cancellation)
      : budget_(budget), said_(said), cancellation_(cancellation) {}

  // Whether the texts of all rules here and below are valid; only then the rules here are compiled.
  bool Compile(SchemaNode& node, const RulePlace& place, const std::string& field) {
    bool right = true;
    const RulePlace each{false, Often(node, place.often), place.loose};
    const auto below = [&](SchemaNode& child, RulePlace inside, const std::string& name) {
      inside.root = child.embedded_resource;
      right = Compile(child, inside, field + name) && right;
    };
    if (node.additional) below(*node.additional, each, ".additionalProperties");
    for (const auto& [name, child] : node.properties) below(*child, each, StrCat(".properties[", name, "]"));
    if (node.items) {
      RulePlace item = each;
      if (place.loose.empty() && node.list_type != "map") item.loose = field;
      below(*node.items, item, ".items");
    }
    const auto field_of = [&](std::size_t i) { return StrCat(field, ".x-kubernetes-validations[", i, "]"); };
    const std::size_t before = words_.size();
    for (std::size_t i = 0; i < node.rules.size(); ++i) CheckWords(node, node.rules[i], field_of(i), words_);
    right = right && words_.size() == before;
    for (std::size_t i = 0; right && i < node.rules.size(); ++i)
      CompileRule(node, node.rules[i], place, field_of(i));
    return right;
  }
  // Problems of texts come first, as in Kubernetes.
  void Finish(const std::string& field) {
    if (budget_ != RuleBudget::kNone) sum_.Judge(field, problems_);
    said_.insert(said_.end(), words_.begin(), words_.end());
    said_.insert(said_.end(), problems_.begin(), problems_.end());
  }

 private:
  static std::optional<std::uint64_t> Often(const SchemaNode& node, std::optional<std::uint64_t> often) {
    const bool list = node.type == "array";
    const bool map = node.type == "object" && (node.additional || node.additional_allowed);
    if (!often || (!list && !map)) return often;
    const auto most = list ? node.max_items : node.max_properties;
    if (!most) return std::nullopt;
    return cel::Times(*often, static_cast<std::uint64_t>(std::max<std::int64_t>(*most, 0)));
  }
  void CompileRule(SchemaNode& node, SchemaRule& rule, const RulePlace& place, const std::string& field);
  void CheckOptionalOld(const SchemaRule& rule, const std::string& field);
  void CompileMessage(SchemaNode& node, SchemaRule& rule, const RulePlace& place, const std::string& field,
                      bool optional_old);
  void Charge(std::string_view what, const std::string& field, std::uint64_t cost) {
    sum_.Add(field, cost);
    if (budget_ == RuleBudget::kEachAndSum && cost > CostSum::kMostOfRule)
      problems_.push_back(ForbiddenField(field, OverBudget(what, cost, CostSum::kMostOfRule)));
  }

  const RuleBudget budget_;
  Problems& said_;
  const Cancellation* cancellation_;
  Problems words_, problems_;
  CostSum sum_;
};

void RuleCompiler::CompileRule(SchemaNode& node, SchemaRule& rule, const RulePlace& place,
                               const std::string& field) {
  if (cancellation_ && cancellation_->RequestedSampled(kStepsOfRule)) return;
  const bool optional_old = rule.optional_old_self.value_or(false);
  auto program = Program::Compile(rule.source, node, place.root, Program::Wanted::kRule, optional_old);
  if (!program) {
    problems_.push_back(InvalidField(field + ".rule", ShownRule(rule), program.error().message));
    CheckOptionalOld(rule, field);
    return;
  }
  rule.program = std::move(program).value();
  Charge("estimated rule cost", field + ".rule",
         cel::Times(rule.program->most_cost(), place.often.value_or(cel::MaxOccurrences(node))));
  if (!rule.message_source.empty()) CompileMessage(node, rule, place, field, optional_old);
  if (rule.program->uses_old_self() && !place.loose.empty()) {
    problems_.push_back(InvalidField(
        field + ".rule", rule.source,
        "oldSelf cannot be used on the uncorrelatable portion of the schema within " + place.loose));
  }
  CheckOptionalOld(rule, field);
}

// A rule that does not compile uses nothing.
void RuleCompiler::CheckOptionalOld(const SchemaRule& rule, const std::string& field) {
  if (!rule.optional_old_self || (rule.program && rule.program->uses_old_self())) return;
  problems_.push_back(InvalidField(field + ".optionalOldSelf", *rule.optional_old_self,
                                   "may not be set if oldSelf is not used in rule"));
}

void RuleCompiler::CompileMessage(SchemaNode& node, SchemaRule& rule, const RulePlace& place,
                                  const std::string& field, bool optional_old) {
  auto message =
      Program::Compile(rule.message_source, node, place.root, Program::Wanted::kMessage, optional_old);
  if (!message) {
    problems_.push_back(InvalidField(field + ".messageExpression", ShownRule(rule), message.error().message));
    return;
  }
  rule.message_program = std::move(message).value();
  Charge("estimated messageExpression cost", field + ".messageExpression", rule.message_program->most_cost());
}

// Evaluates the rules of one object.
class RuleJudge final {
 public:
  RuleJudge(Problems& errors, const Cancellation* cancellation)
      : errors_(errors), cancellation_(cancellation) {}

  void Judge(const SchemaNode& node, const json::Tree& value, const json::Tree* old, const std::string& path);

 private:
  void JudgeRule(const SchemaNode& node, const SchemaRule& rule, const json::Tree& value,
                 const json::Tree* old, const std::string& path);
  std::string MessageOf(const SchemaRule& rule, const json::Tree& value, const json::Tree* old);
  void Report(const SchemaNode& node, const SchemaRule& rule, const json::Tree& value,
              const std::string& path, std::string detail);

  Problems& errors_;
  const Cancellation* cancellation_;
  std::int64_t cost_ = cel::kObjectCost;
};

std::string RuleWords(const SchemaRule& rule) {
  const std::string message(Trim(rule.message));
  return message.empty() ? "failed rule: " + std::string(Trim(rule.source)) : message;
}

std::string RuleJudge::MessageOf(const SchemaRule& rule, const json::Tree& value, const json::Tree* old) {
  if (rule.message_program) {
    std::int64_t steps = std::min(cel::kRuleCost, cost_);
    const std::int64_t before = steps;
    cel::Meter meter(steps, cancellation_);
    const auto message = rule.message_program->EvaluateMessage(value, old, meter);
    cost_ -= before - std::max<std::int64_t>(steps, 0);
    // A messageExpression that fails, or whose result is empty or has several lines, is replaced by
    // the plain message.
    if (message && !Trim(*message).empty() && message->find('\n') == std::string::npos)
      return std::string(Trim(*message));
  }
  return RuleWords(rule);
}

void RuleJudge::Report(const SchemaNode& node, const SchemaRule& rule, const json::Tree& value,
                       const std::string& path, std::string detail) {
  FieldError error =
      InvalidField((path.empty() ? "<nil>" : path) + ShownPath(rule.field_path), value, std::move(detail));
  if (path.empty() && !rule.field_path.empty()) error.field = ShownPath(rule.field_path).substr(1);
  error.omit_value = node.type == "object" || node.type == "array";
  const std::string reason = rule.reason.value_or("");
  if (reason == "FieldValueForbidden") error.type = FieldErrorType::kForbidden;
  if (reason == "FieldValueRequired") error.type = FieldErrorType::kRequired;
  if (reason == "FieldValueDuplicate") {
    error.type = FieldErrorType::kDuplicate;
    error.detail.clear();
  }
  errors_.push_back(std::move(error));
}

void RuleJudge::JudgeRule(const SchemaNode& node, const SchemaRule& rule, const json::Tree& value,
                          const json::Tree* old, const std::string& path) {
  std::int64_t cost = std::min(cel::kRuleCost, cost_);
  const std::int64_t before = cost;
  cel::Meter meter(cost, cancellation_);
  const auto holds = rule.program->EvaluateRule(value, old, meter);
  cost_ -= before - std::max<std::int64_t>(cost, 0);
  if (holds) {
    if (!*holds) Report(node, rule, value, path, MessageOf(rule, value, old));
    return;
  }
  const std::string words = Trim(rule.message).empty() ? rule.source : std::string(Trim(rule.message));
  std::string detail = StrCat(holds.error().message, " evaluating rule: ", words);
  if (holds.error().code == Code::kResourceExhausted || holds.error().code == Code::kCancelled) {
    detail =
        StrCat("'", holds.error().message,
               "': no further validation rules will be run due to call cost exceeds limit for rule: ", words);
    cost_ = 0;
  } else if (holds.error().message == "no such overload") {
    detail =
        StrCat("'", holds.error().message,
               "': call arguments did not match a supported operator, function or macro signature for rule: ",
               words);
  }
  errors_.push_back(InvalidField(path.empty() ? "<nil>" : path, node.type, std::move(detail)));
}

void RuleJudge::Judge(const SchemaNode& node, const json::Tree& value, const json::Tree* old,
                      const std::string& path) {
  const ValueKind kind = KindOf(value);
  if (kind == ValueKind::kNull) return;
  const bool unchanged = old && json::Equal(*old, value);
  for (const auto& rule : node.rules) {
    if (cost_ <= 0) return;
    // Values that an update does not change were checked before; a transition rule needs an old
    // value to compare with.
    const bool nothing_old = old == nullptr || KindOf(*old) == ValueKind::kNull;
    const bool optional = rule.optional_old_self.value_or(false);
    const bool skipped = rule.program->uses_old_self() ? nothing_old && !optional : unchanged;
    if (!skipped) JudgeRule(node, rule, value, nothing_old && optional ? nullptr : old, path);
  }
  if (kind == ValueKind::kObject) {
    SortedLookup before(old ? ObjectOf(*old) : nullptr);
    for (const auto& [name, item] : *ObjectOf(value)) {
      const auto found = node.properties.find(name);
      const bool named = found != node.properties.end();
      const SchemaNode* child = named ? found->second.get() : node.additional.get();
      if (child)
        Judge(*child, item, before.Find(name), named ? FieldPath(path, name) : StrCat(path, "[", name, "]"));
    }
  } else if (kind == ValueKind::kArray && node.items) {
    const OldItems before(node, old);
    std::size_t index = 0;
    for (const auto& item : *ArrayOf(value)) {
      Judge(*node.items, item, before.Find(item), StrCat(path, "[", index++, "]"));
    }
  }
}

}  // namespace

void CompileRules(SchemaNode& root, std::string_view field, RuleBudget budget,
                  std::vector<FieldError>& problems, const Cancellation* cancellation) {
  RuleCompiler compiler(budget, problems, cancellation);
  compiler.Compile(root, {true}, std::string(field));
  compiler.Finish(std::string(field));
}

void ValidateRules(const SchemaNode& root, const json::Tree& value, const json::Tree* old,
                   const Cancellation* cancellation, std::vector<FieldError>& errors) {
  RuleJudge(errors, cancellation).Judge(root, value, old, "");
}

}  // namespace capstan::apiserver
