#include <capstan/local/apiserver/table/json_path.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver {
namespace {

using Step = JsonPath::Step;
using StepKind = Step::Kind;

constexpr int kDeepestDescent = 64;  // levels that ".." descends

std::optional<int> ToNumber(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > 6 ||
      digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  const int value = std::atoi(std::string(digits).c_str());
  return negative ? -value : value;
}

bool IsQuoted(std::string_view text) {
  return text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
}

// Removes the backslashes from a\.b.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

class PathReader final {
 public:
  explicit PathReader(std::string_view text) : text_(text) {}

  Status Read(std::vector<Step>& steps) {
    while (at_ < text_.size()) {
      if (text_[at_] == '.') {
        CAPSTAN_RETURN_IF_ERROR(ReadName(steps));
      } else if (text_[at_] == '[') {
        CAPSTAN_RETURN_IF_ERROR(ReadBracket(steps));
      } else {
        return Bad("must be a simple json path starting with .");
      }
    }
    return {};
  }

 private:
  Failure Bad(std::string_view why) const { return Fail(Code::kInvalidArgument, StrCat(text_, ": ", why)); }

  std::string TakeName() {
    const std::size_t start = at_;
    for (; at_ < text_.size() && text_[at_] != '.' && text_[at_] != '['; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
    }
    return Unescape(text_.substr(start, at_ - start));
  }
  Status ReadName(std::vector<Step>& steps) {
    ++at_;
    const bool deep = at_ < text_.size() && text_[at_] == '.';
    if (deep) ++at_;
    Step step;
    step.name = TakeName();
    if (step.name.empty()) return {};  // "." alone is the object itself, ".[0]" its element
    step.kind = deep ? StepKind::kDeep : step.name == "*" ? StepKind::kAll : StepKind::kName;
    steps.push_back(std::move(step));
    return {};
  }
  Status ReadBracket(std::vector<Step>& steps);
  Status ReadFilter(std::string_view inside, Step& step) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

Status PathReader::ReadBracket(std::vector<Step>& steps) {
  std::size_t end = at_ + 1;
  for (char quote = 0; end < text_.size() && (quote != 0 || text_[end] != ']'); ++end) {
    const char c = text_[end];
    if (quote != 0 ? c == quote : (c == '\'' || c == '"')) quote = quote != 0 ? '\0' : c;
  }
  if (end >= text_.size()) return Bad("unterminated array");
  const std::string_view inside = Trim(text_.substr(at_ + 1, end - at_ - 1));
  at_ = end + 1;
  Step step;
  if (inside == "*") {
    step.kind = StepKind::kAll;
  } else if (inside.empty()) {
    step.kind = StepKind::kRange;  // [] means the first item
    step.to = 1;
  } else if (IsQuoted(inside) && inside.front() == '\'') {
    step.name = Unescape(inside.substr(1, inside.size() - 2));
  } else if (inside.size() > 3 && inside.substr(0, 2) == "?(" && inside.back() == ')') {
    CAPSTAN_RETURN_IF_ERROR(ReadFilter(Trim(inside.substr(2, inside.size() - 3)), step));
  } else if (const auto number = ToNumber(inside)) {
    step.kind = StepKind::kIndex;
    step.from = *number;
  } else if (const std::size_t colon = inside.find(':'); colon != std::string_view::npos) {
    const std::string_view from = inside.substr(0, colon), to = inside.substr(colon + 1);
    if ((!from.empty() && !ToNumber(from)) || (!to.empty() && !ToNumber(to)))
      return Bad("invalid array index");
    step.kind = StepKind::kRange;
    step.from = ToNumber(from).value_or(0);
    step.to = ToNumber(to).value_or(0);
    step.open_end = to.empty();
  } else {
    return Bad("invalid array index");
  }
  steps.push_back(std::move(step));
  return {};
}

Status PathReader::ReadFilter(std::string_view inside, Step& step) const {
  step.kind = StepKind::kFilter;
  std::size_t at = inside.size();
  for (const std::string_view candidate : {"==", "!=", "<=", ">=", "<", ">"}) {
    const std::size_t found = inside.find(candidate);
    if (found >= at) continue;
    at = found;
    step.compare = candidate;
  }
  std::string_view left = Trim(inside.substr(0, at));
  if (left.empty() || left.front() != '@') return Bad("a filter must look at @");
  left.remove_prefix(1);
  if (!left.empty() && left.front() == '.') left.remove_prefix(1);
  if (!left.empty()) step.path = Split(left, '.');
  if (step.compare.empty()) return {};
  const std::string_view right = Trim(inside.substr(at + step.compare.size()));
  if (IsQuoted(right)) {
    step.operand = std::string(right.substr(1, right.size() - 2));
    return {};
  }
  auto value = json::ParseTree(right);
  if (!value) return Bad("a filter must compare with a number, a text in quotes, true or false");
  step.operand = std::move(value).value();
  return {};
}

bool IsNumber(const json::Tree& value) {
  return KindOf(value) == ValueKind::kInteger || KindOf(value) == ValueKind::kDouble;
}

bool Satisfies(const json::Tree& value, const std::string& compare, const json::Tree& operand) {
  if (compare == "==") return json::Equal(value, operand);
  if (compare == "!=") return !json::Equal(value, operand);
  int order = 0;
  if (IsNumber(value) && IsNumber(operand)) {
    order = NumberOf(value) < NumberOf(operand) ? -1 : NumberOf(value) > NumberOf(operand) ? 1 : 0;
  } else if (KindOf(value) == ValueKind::kString && KindOf(operand) == ValueKind::kString) {
    order = TextOf(value).compare(TextOf(operand));
  } else {
    return false;
  }
  if (compare == "<") return order < 0;
  if (compare == "<=") return order <= 0;
  return compare == ">" ? order > 0 : order >= 0;
}

bool Passes(const Step& step, const json::Tree& item) {
  const json::Tree* value = &item;
  for (const auto& name : step.path) {
    value = Find(*value, name);
    if (!value) return false;
  }
  return step.compare.empty() || Satisfies(*value, step.compare, step.operand);
}

void TakeDeep(const std::string& name, const json::Tree& value, int depth, std::vector<json::Tree>& found) {
  if (depth > kDeepestDescent) return;
  if (const auto* here = Find(value, name)) found.push_back(*here);
  if (const auto* object = ObjectOf(value)) {
    for (const auto& [key, item] : *object) TakeDeep(name, item, depth + 1, found);
  } else if (const auto* array = ArrayOf(value)) {
    for (const auto& item : *array) TakeDeep(name, item, depth + 1, found);
  }
}

void TakeItems(const Step& step, const Poco::JSON::Array& array, std::vector<json::Tree>& found) {
  const int size = static_cast<int>(array.size());
  const auto place = [size](int index) { return index < 0 ? index + size : index; };
  int from = 0, to = size;
  if (step.kind == StepKind::kIndex) {
    from = place(step.from);
    to = from + 1;
    if (from < 0) return;
  } else if (step.kind == StepKind::kRange) {
    from = std::max(0, place(step.from));
    to = step.open_end ? size : place(step.to);
  }
  for (int i = from; i < std::min(to, size); ++i) {
    const json::Tree item = array.get(static_cast<unsigned int>(i));
    if (step.kind != StepKind::kFilter || Passes(step, item)) found.push_back(item);
  }
}

void TakeStep(const Step& step, const json::Tree& value, std::vector<json::Tree>& found) {
  if (step.kind == StepKind::kDeep) return TakeDeep(step.name, value, 0, found);
  if (step.kind == StepKind::kName) {
    if (const auto* item = Find(value, step.name)) found.push_back(*item);
    return;
  }
  if (const auto* array = ArrayOf(value)) return TakeItems(step, *array, found);
  const auto* object = ObjectOf(value);
  if (!object || step.kind != StepKind::kAll) return;
  for (const auto& [name, item] : *object) found.push_back(item);
}

}  // namespace

Result<JsonPath> JsonPath::Parse(std::string_view text) {
  JsonPath path;
  CAPSTAN_RETURN_IF_ERROR(PathReader(text).Read(path.steps_));
  return path;
}

std::vector<json::Tree> JsonPath::Find(const json::Tree& root) const {
  std::vector<json::Tree> values{root};
  for (const Step& step : steps_) {
    std::vector<json::Tree> found;
    for (const auto& value : values) TakeStep(step, value, found);
    values = std::move(found);
  }
  return values;
}

}  // namespace capstan::apiserver
