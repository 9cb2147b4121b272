// LabelSelector is kubectl's -l as a predicate: "app=web,tier!=db,env in
// (prod,test),owner,!legacy". A value.
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
  // Errors: kInvalidArgument naming the piece that is not a requirement.
  static Result<LabelSelector> Parse(std::string_view text);

  // `value_of` gives the value of a label, or nothing when it is absent.
  bool Matches(const std::function<std::optional<std::string_view>(std::string_view)>& value_of) const;

 private:
  struct Requirement {
    std::string key;
    bool negated = false;                            // absent, or of another value
    std::optional<std::vector<std::string>> values;  // one of these; nothing: any value
  };
  static Result<Requirement> ParseOne(std::string_view text);
  std::vector<Requirement> requirements_;
};

}  // namespace capstan::runtime
