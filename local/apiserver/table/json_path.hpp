// The simple JSONPaths of printer columns: where in an object a column's value is.
//
// `.a.b`, `['a']`, `.a\.b`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `.*`, `..a`, `[?(@.type=="Ready")]`,
// `[?(@.x)]` with ==, !=, <, <=, >, >=. A path never changes; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

class JsonPath final {
 public:
  // Errors: kInvalidArgument; the message says what is malformed.
  static Result<JsonPath> Parse(std::string_view text);

  // All that is found, first things first; empty when nothing is.
  std::vector<json::Tree> Find(const json::Tree& root) const;

  // One step of a path; for this file's sources only.
  struct Step {
    enum class Kind { kName, kIndex, kRange, kAll, kDeep, kFilter };
    Kind kind = Kind::kName;
    std::string name = {};               // kName, kDeep
    int from = 0;                        // kIndex, kRange
    int to = 0;                          // kRange
    bool open_end = false;               // kRange without an end
    std::vector<std::string> path = {};  // kFilter: below @
    std::string compare = {};            // kFilter: the operator; empty: the path must exist
    json::Tree operand = {};
  };

 private:
  std::vector<Step> steps_;
};

}  // namespace capstan::apiserver
