#include <capstan/core/runtime/label_selector.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::runtime {
namespace {

// Splits at commas outside parentheses.
std::vector<std::string_view> Pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      pieces.push_back(Trim(text.substr(start, i - start)));
      start = i + 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    }
  }
  return pieces;
}

bool IsLabelKey(std::string_view key) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  };
  return !key.empty() && std::all_of(key.begin(), key.end(), allowed);
}

}  // namespace

Result<LabelSelector> LabelSelector::Parse(std::string_view text) {
  LabelSelector selector;
  if (Trim(text).empty()) return selector;
  for (const std::string_view piece : Pieces(text)) {
    CAPSTAN_TRY(Requirement requirement, ParseOne(piece));
    if (!IsLabelKey(requirement.key)) {
      return Fail(Code::kInvalidArgument,
                  StrCat("'", Shorten(piece, 80), "' is not a label requirement such as app=web"));
    }
    selector.requirements_.push_back(std::move(requirement));
  }
  return selector;
}

Result<LabelSelector::Requirement> LabelSelector::ParseOne(std::string_view text) {
  Requirement requirement;
  if (!text.empty() && text.front() == '!') {
    requirement.negated = true;
    requirement.key = Trim(text.substr(1));
    return requirement;
  }
  if (const std::size_t open = text.find('('); open != std::string_view::npos) {
    const std::string_view words = Trim(text.substr(0, open));
    const std::size_t blank = words.find_last_of(" \t");
    const std::string_view verb = blank == std::string_view::npos ? "" : words.substr(blank + 1);
    if (text.back() != ')' || (verb != "in" && verb != "notin")) {
      return Fail(Code::kInvalidArgument,
                  StrCat("'", Shorten(text, 80), "' is not of the form: key in (a,b)"));
    }
    requirement.negated = verb == "notin";
    requirement.key = Trim(words.substr(0, blank));
    requirement.values.emplace();
    for (const std::string& value : Split(text.substr(open + 1, text.size() - open - 2), ',')) {
      requirement.values->emplace_back(Trim(value));
    }
    return requirement;
  }
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    requirement.key = text;
    return requirement;
  }
  requirement.negated = equals > 0 && text[equals - 1] == '!';
  const bool doubled = equals + 1 < text.size() && text[equals + 1] == '=';
  requirement.key = Trim(text.substr(0, requirement.negated ? equals - 1 : equals));
  requirement.values = {std::string(Trim(text.substr(equals + (doubled ? 2 : 1))))};
  return requirement;
}

bool LabelSelector::Matches(
    const std::function<std::optional<std::string_view>(std::string_view)>& value_of) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    const auto value = value_of(requirement.key);
    if (!value) return requirement.negated;
    if (!requirement.values) return !requirement.negated;
    const bool listed = std::find(requirement.values->begin(), requirement.values->end(), *value) !=
                        requirement.values->end();
    return listed != requirement.negated;
  });
}

}  // namespace capstan::runtime
