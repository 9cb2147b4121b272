#include <capstan/core/program/flags.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

#include <capstan/core/base/text.hpp>

namespace capstan::program {
namespace {

std::string InQuotes(const std::string& text) { return "\"" + text + "\""; }

std::optional<bool> ParseSwitch(const std::string& text) {
  const std::string word = ToLower(text);
  if (word == "true" || word == "t" || word == "yes" || word == "y" || word == "1") return true;
  if (word == "false" || word == "f" || word == "no" || word == "n" || word == "0") return false;
  return std::nullopt;
}

std::optional<int> ParseNumber(const std::string& text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return number;
}

// As kubectl shows its flags.
std::string Dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

}  // namespace

void Flags::Add(const std::string& name, std::string* value, const std::string& help) {
  const auto set = [value](const std::string& text) { return *value = text, true; };
  flags_[name] = {false, help, InQuotes(*value), set, "a text"};
}

void Flags::Add(const std::string& name, bool* value, const std::string& help) {
  const auto set = [value](const std::string& text) {
    const auto parsed = ParseSwitch(text);
    if (parsed) *value = *parsed;
    return parsed.has_value();
  };
  flags_[name] = {true, help, *value ? "true" : "false", set, "true or false"};
}

void Flags::Add(const std::string& name, int* value, int least, int most, const std::string& help) {
  const auto set = [=](const std::string& text) {
    const auto parsed = ParseNumber(text);
    if (!parsed || *parsed < least || *parsed > most) return false;
    *value = *parsed;
    return true;
  };
  flags_[name] = {false, help, StrCat(*value), set, StrCat("a whole number between ", least, " and ", most)};
}

void Flags::Add(const std::string& name, Duration* value, const std::string& help) {
  const auto set = [value](const std::string& text) {
    const auto parsed = ParseDuration(text);
    if (parsed) *value = *parsed;
    return parsed.has_value();
  };
  flags_[name] = {false, help, InQuotes(FormatDuration(*value)), set, "a duration such as 30s or 2m"};
}

void Flags::Add(const std::string& name, std::vector<std::string>* value, const std::string& help) {
  const auto set = [value](const std::string& text) {
    value->clear();
    for (const std::string& item : Split(text, ',')) {
      if (!Trim(item).empty()) value->emplace_back(Trim(item));
    }
    return true;
  };
  flags_[name] = {false, help, InQuotes(Join(*value, ",")), set, "texts with commas between"};
}

FlagTable::Known Flags::Look(const std::string& name) const {
  const auto found = flags_.find(name);
  if (found == flags_.end()) return Known::kNo;
  return found->second.is_switch ? Known::kSwitch : Known::kValue;
}

Status Flags::Set(const std::string& name, const std::string& value) {
  const Flag& flag = flags_.at(name);
  if (flag.set(value)) return {};
  return Fail(Code::kInvalidArgument, StrCat("\"", Shorten(value, 100), "\" is not a value of --",
                                             Dashed(name), ", which takes ", flag.takes));
}

std::string Flags::Help() const {
  std::string help;
  for (const auto& [name, flag] : flags_)
    help += StrCat("  --", Dashed(name), " (", flag.help, ") default: ", flag.default_value, "\n");
  return help;
}

}  // namespace capstan::program
