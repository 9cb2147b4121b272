// The x-kubernetes-validations of a schema: compiled with the CRD, judged at every write.
#include <algorithm>
#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/cel/meter.hpp>
#include <capstan/local/apiserver/schema/cel/program.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

using cel::Program;
using Problems = std::vector<FieldError>;

const std::vector<std::string>& Reasons() {
  static const std::vector<std::string> reasons = {"FieldValueDuplicate", "FieldValueForbidden",
                                                   "FieldValueInvalid", "FieldValueRequired"};
  return reasons;
}

// A rule as Kubernetes shows it in a problem.
json::ObjectPtr Shown(const SchemaRule& rule) {
  json::ObjectPtr shown = json::MakeObject();
  shown->set("Rule", rule.source);
  shown->set("Message", rule.message);
  shown->set("MessageExpression", rule.message_source);
  shown->set("Reason", rule.reason ? json::Tree(*rule.reason) : json::Tree());
  shown->set("FieldPath", rule.field_path);
  shown->set("OptionalOldSelf", json::Tree());
  return shown;
}

// Whether ".a.b" or ".a['b']" leads to a field of the schema.
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

// ".a['b']" as problems show it: ".a.b".
std::string ShownPath(std::string path) {
  for (std::size_t at; (at = path.find("['")) != std::string::npos;) path.replace(at, 2, ".");
  for (std::size_t at; (at = path.find("']")) != std::string::npos;) path.erase(at, 2);
  return path;
}

void CheckWords(const SchemaNode& node, const SchemaRule& rule, const std::string& field,
                Problems& problems) {
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

class RuleCompiler final {
 public:
  explicit RuleCompiler(Problems& problems) : problems_(problems) {}

  // `loose` is the list below which nothing of an old object can be found again; empty: all can.
  void Compile(SchemaNode& node, bool root, const std::string& field, const std::string& loose) {
    std::size_t index = 0;
    for (auto& rule : node.rules)
      CompileRule(node, rule, root, StrCat(field, ".x-kubernetes-validations[", index++, "]"), loose);
    for (const auto& [name, child] : node.properties) {
      Compile(*child, child->embedded_resource, StrCat(field, ".properties[", name, "]"), loose);
    }
    if (node.additional)
      Compile(*node.additional, node.additional->embedded_resource, field + ".additionalProperties", loose);
    if (!node.items) return;
    const bool lost = loose.empty() && node.list_type != "map";
    Compile(*node.items, node.items->embedded_resource, field + ".items", lost ? field : loose);
  }

 private:
  void CompileRule(SchemaNode& node, SchemaRule& rule, bool root, const std::string& field,
                   const std::string& loose);
  Problems& problems_;
};

void RuleCompiler::CompileRule(SchemaNode& node, SchemaRule& rule, bool root, const std::string& field,
                               const std::string& loose) {
  if (Trim(rule.source).empty()) {
    problems_.push_back(RequiredField(field + ".rule", "rule is not specified"));
    return;
  }
  CheckWords(node, rule, field, problems_);
  auto program = Program::Compile(rule.source, node, root, Program::Wanted::kRule);
  if (!program) {
    problems_.push_back(InvalidField(field + ".rule", Shown(rule), program.error().message));
    return;
  }
  rule.program = std::move(program).value();
  if (rule.program->uses_old_self() && !loose.empty()) {
    problems_.push_back(
        InvalidField(field + ".rule", rule.source,
                     "oldSelf cannot be used on the uncorrelatable portion of the schema within " + loose));
  }
  if (rule.optional_old_self && (*rule.optional_old_self || !rule.program->uses_old_self())) {
    problems_.push_back(InvalidField(field + ".optionalOldSelf", *rule.optional_old_self,
                                     rule.program->uses_old_self()
                                         ? "is not supported by this server"
                                         : "may not be set if oldSelf is not used in rule"));
  }
  if (rule.message_source.empty()) return;
  auto message = Program::Compile(rule.message_source, node, root, Program::Wanted::kMessage);
  if (message) {
    rule.message_program = std::move(message).value();
  } else {
    problems_.push_back(InvalidField(field + ".messageExpression", Shown(rule), message.error().message));
  }
}

// Judges the rules of one object.
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
    // A message that fails, or says nothing in one line, gives way to the plain one.
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
    // What an update leaves alone was judged before; a rule about a change needs something to
    // compare with.
    const bool skipped =
        rule.program->uses_old_self() ? old == nullptr || KindOf(*old) == ValueKind::kNull : unchanged;
    if (!skipped) JudgeRule(node, rule, value, old, path);
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

void CompileRules(SchemaNode& root, std::string_view field, std::vector<FieldError>& problems) {
  RuleCompiler(problems).Compile(root, true, std::string(field), "");
}

void ValidateRules(const SchemaNode& root, const json::Tree& value, const json::Tree* old,
                   const Cancellation* cancellation, std::vector<FieldError>& errors) {
  RuleJudge(errors, cancellation).Judge(root, value, old, "");
}

}  // namespace capstan::apiserver
