// Times, durations, encodings and label selectors.
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/runtime/label_selector.hpp>
#include <capstan/local/apiserver/api/selector.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {

void FuzzTimesAndSelectors(std::string_view bytes) {
  const std::string text(bytes);
  if (const auto time = ParseRfc3339(text)) {
    CAPSTAN_MUST(ParseRfc3339(FormatRfc3339(*time)).has_value(), FormatRfc3339(*time));
    (void)FormatRfc3339Micro(*time);
    (void)FormatHttpDate(*time);
  }
  if (const auto time = ParseHttpDate(text))
    CAPSTAN_MUST(ParseHttpDate(FormatHttpDate(*time)).has_value(), FormatHttpDate(*time));
  if (const auto duration = ParseDuration(text)) {
    CAPSTAN_MUST(duration->count() >= 0, text);
    (void)ParseDuration(FormatDuration(*duration));
  }
  std::string decoded;
  (void)Base64Decode(text, decoded);
  (void)UrlDecode(text, true, decoded);
  CAPSTAN_MUST(IsUtf8(Shorten(text, 7)) || !IsUtf8(text), text);
  // Two independent parsers of the same syntax.
  const auto ours = runtime::LabelSelector::Parse(text);
  if (ours) {
    (void)ours->Matches([](std::string_view name) -> std::optional<std::string_view> {
      if (name == "a") return "b";
      return std::nullopt;
    });
  }
  const auto theirs = apiserver::LabelSelector::Parse(text);
  if (theirs) (void)theirs->Matches({{"a", "b"}, {"c", "9"}});
  if (const auto fields = apiserver::FieldSelector::Parse(text)) {
    (void)fields->Matches([](const std::string&) { return std::string("x"); });
    (void)fields->Required("metadata.name");
  }
}

}  // namespace capstan::fuzz
