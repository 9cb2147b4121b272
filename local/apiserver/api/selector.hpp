// Label and field selectors of lists and watches, parsed and matched as Kubernetes does.
//
// Values; thread-safe. An empty selector matches everything.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/local/apiserver/api/error.hpp>

namespace capstan::apiserver {

class LabelSelector {
 public:
  // Parses "app=web,tier in (a,b),!canary". Errors: 400 in Kubernetes' words.
  static Answer<LabelSelector> Parse(std::string_view text);
  bool Matches(const std::vector<std::pair<std::string, std::string>>& labels) const;
  bool empty() const { return requirements_.empty(); }

 private:
  enum class Operator { kIn, kNotIn, kExists, kDoesNotExist, kGreater, kLess };
  struct Requirement {
    std::string key;
    Operator op = Operator::kIn;
    std::vector<std::string> values;
  };
  friend class LabelParser;
  std::vector<Requirement> requirements_;
};

class FieldSelector {
 public:
  // Parses "metadata.name=a,type!=Normal". Errors: 400.
  static Answer<FieldSelector> Parse(std::string_view text);
  // `value` returns a field's value as text, "" when absent.
  bool Matches(const std::function<std::string(const std::string& field)>& value) const;
  bool empty() const { return terms_.empty(); }
  std::vector<std::string> fields() const;
  // The value that the selector requires for the field, if it names one.
  std::optional<std::string> Required(std::string_view field) const;

 private:
  struct Term {
    std::string field, value;
    bool equal = true;
  };
  std::vector<Term> terms_;
};

}  // namespace capstan::apiserver
