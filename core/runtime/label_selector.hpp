// LabelSelector implements kubectl's -l as a predicate: "app=web,tier!=db,env in
// (prod,test),owner,!legacy". A value type.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::runtime {

class LabelSelector {
 public:
  // Matches everything.
  LabelSelector() = default;
  // Errors: kInvalidArgument; the message names the part that is not a requirement.
  static Result<LabelSelector> Parse(std::string_view text);

  // `value_of` returns the value of a label, or nullopt if the label is absent. Thread-safe.
  bool Matches(const std::function<std::optional<std::string_view>(std::string_view)>& value_of) const;

 private:
  struct Requirement {
    std::string key;
    bool negated = false;                            // the label is absent or has another value
    std::optional<std::vector<std::string>> values;  // one of these; nullopt: any value
  };
  static Result<Requirement> ParseOne(std::string_view text);
  std::vector<Requirement> requirements_;
};

}  // namespace capstan::runtime
