// Semantic versions: semver().
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/kinds.hpp>

namespace capstan::apiserver::cel {
namespace {

// MAJOR.MINOR.PATCH[-PRE][+BUILD].
struct Semver {
  std::array<std::uint64_t, 3> numbers = {};
  std::vector<std::string> pre;
};

bool IsNumeric(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<Semver> ParseSemver(std::string_view text) {
  Semver version;
  const std::size_t plus = text.find('+');
  const auto parts_fit = [](std::string_view part) {
    return !part.empty() &&
           part.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") ==
               std::string_view::npos;
  };
  if (plus != std::string_view::npos) {
    for (const std::string& part : Split(text.substr(plus + 1), '.')) {
      if (!parts_fit(part)) return std::nullopt;
    }
    text = text.substr(0, plus);
  }
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    version.pre = Split(text.substr(dash + 1), '.');
    for (const std::string& part : version.pre) {
      if (!parts_fit(part) || (IsNumeric(part) && part.size() > 1 && part[0] == '0')) return std::nullopt;
    }
    text = text.substr(0, dash);
  }
  const std::vector<std::string> numbers = Split(text, '.');
  if (numbers.size() != 3) return std::nullopt;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string& digits = numbers[i];
    if (!IsNumeric(digits) || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), version.numbers[i]).ec != std::errc())
      return std::nullopt;
  }
  return version;
}

// Forms that lenient parsing also accepts: v1, 1.2, 01.2.3.
std::string NormalizedSemver(std::string_view text) {
  if (!text.empty() && text[0] == 'v') text.remove_prefix(1);
  const std::size_t end = std::min(text.find_first_of("-+"), text.size());
  std::vector<std::string> numbers = Split(text.substr(0, end), '.');
  while (numbers.size() < 3) numbers.emplace_back("0");
  for (std::string& digits : numbers)
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.empty() ? 0 : digits.size() - 1));
  return StrCat(capstan::Join(numbers, "."), text.substr(end));
}

std::string SemverText(const Arguments& a) {
  return a.size() > 1 && a[1].truth ? NormalizedSemver(a[0].text) : a[0].String();
}

int CompareSemver(const Semver& a, const Semver& b) {
  if (a.numbers != b.numbers) return ThreeWay(a.numbers, b.numbers);
  if (a.pre.empty() || b.pre.empty()) return ThreeWay(a.pre.empty(), b.pre.empty());
  for (std::size_t i = 0; i < std::min(a.pre.size(), b.pre.size()); ++i) {
    const bool x = IsNumeric(a.pre[i]), y = IsNumeric(b.pre[i]);
    if (x != y) return x ? -1 : 1;
    const int order = x && a.pre[i].size() != b.pre[i].size() ? ThreeWay(a.pre[i].size(), b.pre[i].size())
                                                              : ThreeWay(a.pre[i], b.pre[i]);
    if (order != 0) return order;
  }
  return ThreeWay(a.pre.size(), b.pre.size());
}

Result<Value> IsSemver(const Arguments& a, Meter&) { return Bool(ParseSemver(SemverText(a)).has_value()); }
Result<Value> MakeSemver(const Arguments& a, Meter&) {
  std::string text = SemverText(a);
  if (!ParseSemver(text))
    return Bad(
        StrCat("Semver parse error during conversion from string: \"", a[0].text.substr(0, 100), "\""));
  return TextOfKind(Kind::kSemver, std::move(text));
}
template <std::size_t Index>
Result<Value> VersionNumber(const Arguments& a, Meter&) {
  return Int(static_cast<std::int64_t>(ParseSemver(a[0].text).value_or(Semver()).numbers[Index]));
}

}  // namespace

int OrderOfVersions(const Value& a, const Value& b) {
  return CompareSemver(ParseSemver(a.text).value_or(Semver()), ParseSemver(b.text).value_or(Semver()));
}

std::vector<Function> VersionFunctions() {
  return {
      {"isSemver", false, "sob", 'b', IsSemver},   {"semver", false, "sob", 'V', MakeSemver},
      {"major", true, "V", 'i', VersionNumber<0>}, {"minor", true, "V", 'i', VersionNumber<1>},
      {"patch", true, "V", 'i', VersionNumber<2>},
  };
}

}  // namespace capstan::apiserver::cel
