// A CEL expression of x-kubernetes-validations: parsed and checked once, evaluated at each write.
//
// The language is that of Kubernetes 1.36: self, oldSelf; all literals and operators; has() and the
// comprehensions with one and two variables; optionals (`self.?a`, `l[?0]`, `{?k: v}`); the
// functions in the tables of functions.hpp (strings, lists, sets, time, optionals, url, ip, cidr,
// quantity, semver, format). Fields of format duration and date-time are durations and timestamps.
// Compile refuses any other name and reports it.
//
// A Program is immutable; thread-safe. The schema that it was compiled for must outlive it.
// Evaluation is bounded in steps and bytes; the parser bounds nesting.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

struct SchemaNode;

namespace cel {

struct Expression;
class Meter;

// The budgets of one rule and of all rules of one object: steps of evaluation; long strings and
// lists cost more.
inline constexpr std::int64_t kRuleCost = 1'000'000;
inline constexpr std::int64_t kObjectCost = 10'000'000;

class Program final {
 public:
  enum class Wanted { kRule, kMessage, kValue };  // a bool, a string, any type

  // `self` is the schema that the rule belongs to; `root` says whether that is a whole resource.
  // Errors: kInvalidArgument, in Kubernetes' words: "compilation failed: ERROR: <input>:1:5:
  // undefined field 'x'…", "cel expression must evaluate to a bool".
  // `optional_old`: oldSelf is an optional, which is empty when there is no old value.
  static Result<std::shared_ptr<const Program>> Compile(std::string_view source, const SchemaNode& self,
                                                        bool root, Wanted wanted, bool optional_old = false);

  // Compiles an expression over named values without a schema, as in admission policies.
  using Variables = std::vector<std::pair<std::string, json::Tree>>;
  static Result<std::shared_ptr<const Program>> CompileAbout(std::string_view source,
                                                             const std::vector<std::string>& names,
                                                             Wanted wanted);
  // REQUIRES: compiled by CompileAbout, with these names. Values that JSON cannot represent become
  // null.
  Result<bool> EvaluateRule(const Variables& variables, Meter& meter) const;
  Result<std::string> EvaluateMessage(const Variables& variables, Meter& meter) const;
  Result<json::Tree> EvaluateValue(const Variables& variables, Meter& meter) const;

  bool uses_old_self() const { return uses_old_self_; }
  // The maximum cost of one evaluation, as Kubernetes estimates it from the schema.
  std::uint64_t most_cost() const { return most_cost_; }

  // Evaluates a rule within the budget of `meter`. `old_self` may be null when the rule does not
  // use it. Errors: kInvalidArgument ("no such key: x", "division by zero", …), kResourceExhausted
  // (out of steps or bytes), kCancelled.
  Result<bool> EvaluateRule(const json::Tree& self, const json::Tree* old_self, Meter& meter) const;
  // Evaluates a messageExpression.
  Result<std::string> EvaluateMessage(const json::Tree& self, const json::Tree* old_self, Meter& meter) const;

 private:
  Program() = default;
  std::shared_ptr<const Expression> root_;
  const SchemaNode* schema_ = nullptr;
  bool uses_old_self_ = false;
  bool optional_old_ = false;
  std::uint64_t most_cost_ = 0;
};

}  // namespace cel
}  // namespace capstan::apiserver
