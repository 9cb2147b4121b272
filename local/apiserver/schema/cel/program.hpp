// A CEL expression of x-kubernetes-validations: parsed and checked once, evaluated at each write.
//
// The language of Kubernetes 1.36: self, oldSelf; all literals and operators; has() and the
// comprehensions of one and two variables; optionals (`self.?a`, `l[?0]`, `{?k: v}`); the functions
// that the tables of functions.hpp hold (strings, lists, sets, time, optionals, url, ip, cidr,
// quantity, semver, format). Fields of format duration and date-time are durations and timestamps.
// Whatever else is named is refused by Compile, by its name.
//
// A Program never changes; thread-safe. It must not outlive the schema it was compiled for.
// Evaluation is bounded in steps and bytes, nesting by the parser.
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

// What one rule may cost, and all rules of one object: steps of evaluation, with long texts and
// lists costing more.
inline constexpr std::int64_t kRuleCost = 1'000'000;
inline constexpr std::int64_t kObjectCost = 10'000'000;

class Program final {
 public:
  enum class Wanted { kRule, kMessage, kValue };  // a truth, a text, anything

  // `self` is the schema of the value that the rule stands on, `root` whether that is a whole
  // resource. Errors: kInvalidArgument, in Kubernetes' words: "compilation failed: ERROR:
  // <input>:1:5: undefined field 'x'…", "cel expression must evaluate to a bool".
  // `optional_old`: oldSelf is an optional, and none where there is no old value.
  static Result<std::shared_ptr<const Program>> Compile(std::string_view source, const SchemaNode& self,
                                                        bool root, Wanted wanted, bool optional_old = false);

  // An expression about named values of which no schema is known, as in admission policies.
  using Variables = std::vector<std::pair<std::string, json::Tree>>;
  static Result<std::shared_ptr<const Program>> CompileAbout(std::string_view source,
                                                             const std::vector<std::string>& names,
                                                             Wanted wanted);
  // REQUIRES: compiled by CompileAbout, for these names. What JSON cannot hold becomes null.
  Result<bool> EvaluateRule(const Variables& variables, Meter& meter) const;
  Result<std::string> EvaluateMessage(const Variables& variables, Meter& meter) const;
  Result<json::Tree> EvaluateValue(const Variables& variables, Meter& meter) const;

  bool uses_old_self() const { return uses_old_self_; }
  // What one evaluation can cost at most, as Kubernetes estimates it by the schema.
  std::uint64_t most_cost() const { return most_cost_; }

  // A rule's answer. `meter` says what it may spend. `old_self` may be null when the rule does
  // not use it. Errors: kInvalidArgument ("no such key: x", "division by zero", …),
  // kResourceExhausted (steps or bytes used up), kCancelled.
  Result<bool> EvaluateRule(const json::Tree& self, const json::Tree* old_self, Meter& meter) const;
  // A messageExpression's answer.
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
