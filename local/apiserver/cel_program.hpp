// A CEL expression of x-kubernetes-validations: parsed and checked once, evaluated at each write.
//
// The subset: self, oldSelf; literals (int, uint, double, string, bytes without escapes of their own, bool,
// null, lists, maps);
// == != < <= > >=, &&, ||, !, ?:, in, + - * / %, field and index selection, has(), size, all, exists,
// exists_one, map, filter; int, uint, double, string, type-free equality; strings: startsWith, endsWith,
// contains, matches, lowerAscii, upperAscii, trim, split, join, indexOf, lastIndexOf, substring, replace,
// charAt; lists: indexOf, isSorted, sum, min, max; duration() and timestamp() comparisons. Whatever else is
// named is refused by Compile with the name in the sentence. A Program never changes; thread-safe. Evaluation
// is bounded by a cost; depth of nesting by kMaxDepth.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

struct SchemaNode;

namespace cel {

struct Expression;

class Program final {
 public:
  // `self` is the schema of the value that the rule stands on: names of fields are checked against it.
  // Errors: kInvalidArgument; the message is Kubernetes' "compilation failed: ERROR: …" with position and
  // reason.
  static Result<std::shared_ptr<const Program>> Compile(std::string_view source, const SchemaNode& self);

  bool uses_old_self() const { return uses_old_self_; }

  // A rule's answer. `cost` goes down by what was spent. Errors: kInvalidArgument (no such key, overflow, no
  // boolean), kResourceExhausted (cost used up).
  Result<bool> EvaluateRule(const json::Tree& self, const json::Tree* old_self, std::int64_t& cost) const;
  // A messageExpression's answer.
  Result<std::string> EvaluateMessage(const json::Tree& self, const json::Tree* old_self,
                                      std::int64_t& cost) const;

 private:
  Program() = default;
  std::shared_ptr<const Expression> root_;
  std::shared_ptr<const SchemaNode> schema_;
  bool uses_old_self_ = false;
};

}  // namespace cel
}  // namespace capstan::apiserver
