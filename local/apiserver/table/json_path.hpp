// The JSONPath subset of printer columns: where in an object the value of a column is.
//
// `.a.b`, `['a']`, `.a\.b`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `.*`, `..a`, `[?(@.type=="Ready")]`,
// `[?(@.x)]` with ==, !=, <, <=, >, >=. A path is immutable; thread-safe.
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

  // All matches in document order; may be empty.
  std::vector<json::Tree> Find(const json::Tree& root) const;

  // One step of a path; for the sources of this class only.
  struct Step {
    enum class Kind { kName, kIndex, kRange, kAll, kDeep, kFilter };
    Kind kind = Kind::kName;
    std::string name = {};               // kName, kDeep
    int from = 0;                        // kIndex, kRange
    int to = 0;                          // kRange
    bool open_end = false;               // kRange without an end
    std::vector<std::string> path = {};  // kFilter: the path after @
    std::string compare = {};            // kFilter: the operator; empty: the path must exist
    json::Tree operand = {};
  };

 private:
  std::vector<Step> steps_;
};

}  // namespace capstan::apiserver
